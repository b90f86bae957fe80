// Everything works without this: links lead to pages, and forms are sent. With it, questions are asked in a dialog over the page.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-opens-dialog]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (link && isPlain && !event.defaultPrevented) {
    event.preventDefault();
    ask(link.href, {}, () => location.assign(link.href));
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-opens-dialog]");
  if (form) {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    ask(form.action, { method: "POST", body }, () => form.submit(), () => location.reload());
  }
});

/** Shows what the server asks in a dialog. If it asks nothing, it was done already, or it goes on without a dialog. */
async function ask(url, options, goOn, done = goOn) {
  let page;
  try {
    const response = await fetch(url, { ...options, headers: { Accept: "text/html" }, redirect: "manual" });
    if (response.type === "opaqueredirect") return done();
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return goOn();
  }
  const question = page.querySelector("[data-dialog]");
  if (!question) return goOn();

  const dialog = document.createElement("dialog");
  dialog.append(document.adoptNode(question));
  const heading = dialog.querySelector("h1");
  heading.id = "dialog-heading";
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// Screen readers say what changes in the region, not what was in it from the beginning.
const toast = document.querySelector("#toast > *");
if (toast) {
  const region = toast.parentElement;
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.textContent = "Dismiss";
  dismiss.addEventListener("click", () => toast.remove());
  toast.remove();
  toast.append(dismiss);
  setTimeout(() => region.append(toast), 100);
}

// Exact times, in the reader's own zone.
for (const time of document.querySelectorAll("time")) {
  time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

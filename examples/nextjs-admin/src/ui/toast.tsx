"use client";

import { useEffect, useRef } from "react";

export type Notice = {
  text: string;
  problem?: boolean;
  /** What the button of the toast does, and for whom it is read out: "Undo". */
  action?: { label: string; run: () => void };
};

const SECONDS = 20;

/** One message at a time. Screen readers read it out; it stays as long as it is focused or pointed at. */
export function Toast({ notice, onDismiss }: { notice?: Notice; onDismiss: () => void }) {
  const region = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // A delete takes away the very button that was focused. What the keyboard reaches next is the way back.
    const nothingFocused = !document.activeElement?.checkVisibility() || document.activeElement === document.body;
    if (notice?.action && nothingFocused) region.current?.querySelector("button")?.focus();
  }, [notice]);

  useEffect(() => {
    if (!notice) return;
    const timer = setInterval(() => {
      if (!region.current?.matches(":hover, :focus-within")) onDismiss();
    }, SECONDS * 1000);
    return () => clearInterval(timer);
  }, [notice, onDismiss]);

  function leave(then: () => void) {
    if (region.current?.contains(document.activeElement)) document.querySelector<HTMLElement>("h1")?.focus();
    then();
  }

  return (
    <div ref={region} className="toasts" role="status" aria-live="polite">
      {notice && (
        <div className={notice.problem ? "toast problem" : "toast"}>
          <p>{notice.text}</p>
          {notice.action && <button onClick={() => leave(notice.action!.run)}>{notice.action.label}</button>}
          <button className="quiet" aria-label="Dismiss" onClick={() => leave(onDismiss)}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}

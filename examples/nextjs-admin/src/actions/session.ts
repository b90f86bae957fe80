"use server";

import { redirect } from "next/navigation";

import { apiAs } from "@/api/client";
import { closeSession, openSession } from "@/session";

/** Nothing of the token comes back from here but a sealed cookie. */
export async function signIn(_: string | undefined, form: FormData): Promise<string | undefined> {
  const token = String(form.get("token") ?? "").trim();
  // A header can't hold anything else, and `fetch` would say so with the token in its message.
  if (!/^[\x21-\x7e]{1,200}$/.test(token)) return "That is not a token.";
  const { response } = await apiAs(token)
    .GET("/api/v1/me")
    .catch(() => ({ response: undefined }));
  if (response?.status === 401) return "The API does not know this token.";
  if (!response?.ok) return "The API does not answer. Try again in a moment.";
  await openSession(token);
  redirect("/projects");
}

export async function signOut(): Promise<void> {
  await closeSession();
  redirect("/login");
}

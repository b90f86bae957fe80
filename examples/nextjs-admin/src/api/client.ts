import "server-only";

import { notFound, redirect } from "next/navigation";
import createClient, { type Client } from "openapi-fetch";

import { sessionToken } from "@/session";
import type { paths } from "./schema";
import type { Problem, Result } from "./types";

const TIMEOUT_MS = 10_000;

/** The API, called as who is signed in. Nothing is cached, unless `caching` says so. */
export async function api(caching: RequestInit = { cache: "no-store" }): Promise<Client<paths>> {
  const token = await sessionToken();
  if (!token) redirect("/login");
  return apiAs(token, caching);
}

export function apiAs(token: string, caching: RequestInit = { cache: "no-store" }): Client<paths> {
  return createClient<paths>({
    baseUrl: process.env.API_URL || "http://127.0.0.1:3000",
    headers: { Authorization: `Bearer ${token}` },
    fetch: (request) => fetch(request, { ...caching, signal: AbortSignal.timeout(TIMEOUT_MS) }),
  });
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** What the API answered: the value, or the problem document. Without an answer there is a problem, too. */
export async function result<T>(call: Promise<Answer<T>>): Promise<Result<T>> {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    console.error("The API gave no answer:", error);
    return { ok: false, problem: noAnswer };
  }
  const { data, error, response } = answer;
  if (response.ok) return { ok: true, value: data as T };
  if (response.status === 401) redirect("/login");
  return { ok: false, problem: isProblem(error) ? error : unknownProblem(response) };
}

/** For pages: the value, or the page that says why there is none. */
export async function value<T>(call: Promise<Answer<T>>): Promise<T> {
  return valueOf(await result(call));
}

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  if (result.problem.status === 404) notFound();
  throw new Error(`${result.problem.title}: ${result.problem.detail}`);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "title" in body && "status" in body;
}

const noAnswer: Problem = {
  type: "about:blank",
  status: 503,
  title: "The API does not answer",
  detail: "Whether anything was changed is not known. Reload the page, and try again.",
};

function unknownProblem(response: Response): Problem {
  return {
    type: "about:blank",
    status: response.status,
    title: `The API answered ${response.status}`,
    detail: "Something between here and the API may have answered in its place.",
  };
}

import "server-only";

import { createHash } from "node:crypto";

import { EncryptJWT, jwtDecrypt } from "jose";
import { cookies } from "next/headers";

const production = process.env.NODE_ENV === "production";

// `__Host-`: browsers take it only with Secure, for this very host and all its paths. Secure needs HTTPS, or localhost.
const NAME = production ? "__Host-session" : "session";
const LIFETIME = 8 * 60 * 60;

/** The API token of who is signed in. It is readable here, on the server, and nowhere else. */
export async function sessionToken(): Promise<string | undefined> {
  const cookie = (await cookies()).get(NAME);
  if (!cookie) return undefined;
  try {
    const { payload } = await jwtDecrypt(cookie.value, key(), {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    return typeof payload.token === "string" ? payload.token : undefined;
  } catch {
    return undefined; // Expired, or sealed with another secret.
  }
}

export async function openSession(token: string): Promise<void> {
  const sealed = await new EncryptJWT({ token })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setExpirationTime(`${LIFETIME}s`)
    .encrypt(key());
  (await cookies()).set(NAME, sealed, {
    httpOnly: true,
    sameSite: "strict",
    secure: production,
    path: "/",
    maxAge: LIFETIME,
  });
}

export async function closeSession(): Promise<void> {
  (await cookies()).set(NAME, "", {
    httpOnly: true,
    sameSite: "strict",
    secure: production,
    path: "/",
    maxAge: 0,
  });
}

function key(): Uint8Array {
  return createHash("sha256").update(sessionSecret()).digest();
}

/** Ends the process if there is no secret: Next.js would go on, and answer every request with an error. */
export function requireSessionSecret(): void {
  try {
    sessionSecret();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** `SESSION_SECRET`; in development there is a known one, so that nothing has to be set up. */
function sessionSecret(): string {
  const secret = process.env.SESSION_SECRET ?? "";
  if (secret.length >= 32) return secret;
  if (production || secret) {
    throw new Error("SESSION_SECRET must have at least 32 characters: openssl rand -base64 32");
  }
  return "only for development: anyone may know this one";
}

/** Runs once when the server starts: one that can't keep sessions had better not start at all. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { requireSessionSecret } = await import("./session");
    requireSessionSecret();
  }
}

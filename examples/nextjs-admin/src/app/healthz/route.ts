/** This server is up. Whether the API is, its own /health/ready tells. */
export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json({ status: "ok" });
}

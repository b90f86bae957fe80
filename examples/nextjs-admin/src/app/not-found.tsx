import Link from "next/link";

export default function NotFound() {
  return (
    <main>
      <h1>Not found</h1>
      <p>There is nothing at this address, or nothing that you may see.</p>
      <p>
        <Link href="/projects">All projects</Link>
      </p>
    </main>
  );
}

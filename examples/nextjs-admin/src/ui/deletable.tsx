"use client";

import { createContext, type ReactNode, useContext, useOptimistic } from "react";

const Hide = createContext<() => void>(() => {});

/** A table row that is gone as soon as its delete was confirmed, and is back if the delete fails. */
export function DeletableRow({ children }: { children: ReactNode }) {
  const [gone, setGone] = useOptimistic(false);
  return (
    <Hide value={() => setGone(true)}>
      <tr hidden={gone}>{children}</tr>
    </Hide>
  );
}

/** Hides the row around this component until the server has answered. */
export const useHide = () => useContext(Hide);

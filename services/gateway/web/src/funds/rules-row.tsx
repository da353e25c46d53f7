import type { ReactNode } from "react";

/** One rule, with what it means as it is set. */
export function Row({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <p className="soft">{note}</p>
      </div>
      <div className="rule-value">{children}</div>
    </li>
  );
}

import type { Receipt } from "../gen/qudao/common/v1/receipt_pb";
import type { Key } from "../i18n/i18n";
import type { Cells, Problem } from "./fields";

export interface ImportColumn {
  key: string;
  title: Key;
  /** Whether a file without it can not be imported; `new`: rows that make something new need it. */
  needed: boolean | "new";
  /** Whether of `also` the first name that a file has is the column; else it has one of them at most. */
  ranked?: boolean;
  /** Other headers that mean it, in any language. */
  also?: string[];
  /** What a template has in its one row. */
  example: string;
}

/** What a row of a file comes to, by what there is already. */
export type Step =
  | { kind: "bad"; problems: Problem[] }
  /** It is so already. */
  | { kind: "same" }
  | {
      kind: "send";
      /** What it will do. */
      words: Key;
      values?: Record<string, string>;
      /** All of the request but its id: another one is another request. */
      body: object;
      send: (requestId: string) => Promise<{ receipt?: Receipt | undefined }>;
    };

export interface Knowledge<Item> {
  /** How far the log was when we looked: what was recorded up to there was not done by this run. */
  position: bigint;
  stepOf: (item: Item) => Step;
}

/** Master data that comes in as a file: what its columns are, and what is done with a row. */
export interface ImportKind<Item> {
  title: Key;
  note: Key;
  columns: ImportColumn[];
  /** How many rows of titles may stand above the header. */
  titles?: number;
  /** By the cells of the row alone. */
  read: (cells: Cells) => Item;
  /** What a file says once. */
  once: (item: Item) => string;
  /** Looks at what there is of what the file names; nothing is changed. */
  look: (items: Item[], signal: AbortSignal) => Promise<Knowledge<Item>>;
}

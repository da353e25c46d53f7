import { words as mall } from "./areas/en-mall";
import { words as money } from "./areas/en-money";
import { words as names } from "./areas/en-names";
import { words as office } from "./areas/en-office";
import { words as rules } from "./areas/en-rules";
import { words as shell } from "./areas/en-shell";
import { words as trade } from "./areas/en-trade";
import type { Key } from "./words";

export const en: Record<Key, string> = { ...shell, ...trade, ...money, ...rules, ...office, ...names, ...mall };

import { createContext, useContext } from "react";

/** The faces of the app. What both show leads to pages of the one that somebody is in. */
export interface Surface {
  /** Where an order is: its id follows. */
  orders: string;
  /** Where a payment is; absent where there is no page of it. */
  payments?: string;
  /** Where an after-sale case is, and where a shipment is; the same. */
  afterSales?: string;
  shipments?: string;
  /** Where the money of a dealer is: its id follows. Absent where there is no page of it. */
  funds?: string;
  /** Where statements are listed; absent: where the console has them. */
  statements?: string;
}

const CONSOLE: Surface = { orders: "/orders", payments: "/payments", afterSales: "/after-sales", shipments: "/shipments", funds: "/funds" };

export const SurfaceContext = createContext<Surface>(CONSOLE);

export function useSurface(): Surface {
  return useContext(SurfaceContext);
}

export const MALL_PATH = "/mall";

const KEY = "qudao.surface";

/** Whether somebody of a dealer would rather begin in the console, on this device. */
export function prefersConsole(): boolean {
  return localStorage.getItem(KEY) === "console";
}

export function preferConsole(yes: boolean) {
  if (yes) localStorage.setItem(KEY, "console");
  else localStorage.removeItem(KEY);
}

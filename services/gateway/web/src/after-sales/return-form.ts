// What a warehouse says about goods that came back.
import type { AfterSale, AfterSaleGoods } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleCause } from "../gen/qudao/order/v1/after_sale_service_pb";
import { canReturn, expectedOf } from "./rules";

export const PARTS = ["sellable", "scrap", "rejected"] as const;

export type PartName = (typeof PARTS)[number];

export interface CameBack extends Record<PartName, number> {
  goods: AfterSaleGoods;
  /** What is still to come. */
  open: number;
}

const { DAMAGED, QUALITY } = AfterSaleCause;

/** All of it came, and what is broken can not be sold: as it is most often. */
export function returnForm({ lines }: Pick<AfterSale, "lines">): CameBack[] {
  return lines
    .filter((goods) => canReturn(goods) && expectedOf(goods) > 0)
    .map((goods) => {
      const open = expectedOf(goods);
      const broken = goods.cause === DAMAGED || goods.cause === QUALITY;
      return { goods, open, sellable: broken ? 0 : open, scrap: broken ? open : 0, rejected: 0 };
    });
}

export function cameOf({ sellable, scrap, rejected }: CameBack): number {
  return sellable + scrap + rejected;
}

export function tooMuch(form: CameBack[]): boolean {
  return form.some((one) => cameOf(one) > one.open);
}

/** Whether all that was expected is there with it. */
export function allBack(form: CameBack[]): boolean {
  return form.every((one) => cameOf(one) === one.open);
}

export function returnedLines(form: CameBack[]) {
  return form
    .filter((one) => cameOf(one) > 0)
    .map(({ goods: { lineNo, cause }, sellable, scrap, rejected }) => ({ lineNo, cause, sellable, scrap, rejected }));
}

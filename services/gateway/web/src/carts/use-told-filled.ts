import { App } from "antd";
import { useI18n } from "../i18n/i18n";
import type { Filled } from "./goods";

/** Most names that a message has. */
const MOST_NAMED = 5;

/** Says what came into the basket, and what did not. */
export function useToldFilled() {
  const { t } = useI18n();
  const { message } = App.useApp();
  return ({ missing, beyond }: Filled, count: number) => {
    const left = [...missing, ...beyond];
    if (left.length === 0) {
      void message.success(t("carts.put", { n: count }));
      return;
    }
    const names = left.slice(0, MOST_NAMED).map(({ name }) => name).join(t("carts.and"));
    void message.warning(t("carts.putPart", { n: count - left.length, left: left.length, names }), 8);
  };
}

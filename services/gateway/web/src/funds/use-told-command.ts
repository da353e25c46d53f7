import { App } from "antd";
import { useI18n, type Key } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";

/** A command that says so when it is done. */
export function useToldCommand(done: Key, onDone: (position: bigint) => void, onStale?: () => void) {
  const { t } = useI18n();
  const { message } = App.useApp();
  return useCommand((position) => {
    void message.success(t(done));
    onDone(position);
  }, onStale);
}

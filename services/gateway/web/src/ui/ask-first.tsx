import { Modal } from "antd";
import type { ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { Failure } from "./states";

interface Props {
  title: string;
  okText: string;
  danger?: boolean;
  disabled?: boolean;
  /** Whether it is under way, and how it failed. */
  state: { busy: boolean; error: unknown };
  /** What to do when it failed, where that is known better here. */
  todo?: string;
  onOk: () => void;
  onClose: () => void;
  /** What it means, in numbers. */
  children: ReactNode;
}

/** Asks before something with consequences is done, and stays open when it fails. */
export function AskFirst({ title, okText, danger = false, disabled = false, state, todo, onOk, onClose, children }: Props) {
  const { t } = useI18n();
  return (
    <Modal
      open
      title={title}
      okText={okText}
      okButtonProps={{ danger, disabled }}
      cancelText={t("action.close")}
      confirmLoading={state.busy}
      onCancel={onClose}
      onOk={onOk}
    >
      {children}
      {state.error !== undefined && <Failure error={state.error} {...(todo && { todo })} />}
    </Modal>
  );
}

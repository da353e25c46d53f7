import { Modal } from "antd";
import type { ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { RestOfFailure } from "./field-problems";

interface Props {
  title: string;
  okText: string;
  /** Whether there is enough to send. */
  ready?: boolean;
  wide?: boolean;
  /** Whether it is under way, how it failed, and what to do then where that is known better here. */
  command: { busy: boolean; error: unknown; todo?: string };
  /** Fields, by their names in the contract, whose problems stand beside them. */
  fields: string[];
  onClose: () => void;
  onOk: () => void;
  children: ReactNode;
}

/** Asks for what a command needs, and stays open when it fails. */
export function FormDialog({ title, okText, ready = true, wide = false, command, fields, onClose, onOk, children }: Props) {
  const { t } = useI18n();
  return (
    <Modal
      open
      className="form-dialog"
      width={wide ? 640 : 480}
      title={title}
      okText={okText}
      okButtonProps={{ disabled: !ready }}
      cancelText={t("action.close")}
      confirmLoading={command.busy}
      onCancel={onClose}
      onOk={onOk}
    >
      {children}
      <RestOfFailure error={command.error} fields={fields} {...(command.todo && { todo: command.todo })} />
    </Modal>
  );
}

import { Input } from "antd";
import { useState } from "react";
import { useToldCommand } from "../funds/use-told-command";
import type { Cart } from "../gen/qudao/order/v1/cart_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useCarting } from "./use-carts";

interface Props {
  cart: Cart;
  onClose: () => void;
  /** With what it is called from now on; without, where it is no more. */
  onDone: (position: bigint, name?: string) => void;
  onStale: () => void;
}

export function RenameDialog({ cart, onClose, onDone, onStale }: Props) {
  const { t } = useI18n();
  const { rename } = useCarting();
  const [name, setName] = useState(cart.name);
  const text = name.trim();
  const command = useToldCommand("carts.renamed", (position) => onDone(position, text), onStale);
  const problem = useFieldProblems(command.error);
  return (
    <FormDialog
      title={t("carts.rename.of", { name: cart.name })}
      okText={t("carts.rename")}
      ready={text !== "" && text !== cart.name}
      command={command}
      fields={["name"]}
      onClose={onClose}
      onOk={() => void command.run(["rename", cart.cartId, String(cart.version), text], (id) => rename(id, cart, text))}
    >
      <Field label={t("carts.name")} problem={problem("name")}>
        <Input name="cart-rename" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

export function DeleteDialog({ cart, onClose, onDone, onStale }: Props) {
  const { t } = useI18n();
  const { remove } = useCarting();
  const command = useToldCommand("carts.deleted", onDone, onStale);
  return (
    <AskFirst
      danger
      title={t("carts.delete.of", { name: cart.name })}
      okText={t("carts.delete")}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["delete", cart.cartId, String(cart.version)], (id) => remove(id, cart))}
    >
      <p>{t("carts.delete.consequence", { n: cart.lineCount })}</p>
    </AskFirst>
  );
}

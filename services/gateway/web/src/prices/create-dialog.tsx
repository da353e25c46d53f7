import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useCurrency } from "../products/use-currency";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";

/** The way to a new list; it opens once it is there. */
export function CreateButton({ onDone }: { onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const done = (position: bigint) => {
    setOpen(false);
    onDone(position);
  };
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t("prices.create")}
      </Button>
      {open && <CreateDialog onClose={() => setOpen(false)} onDone={done} />}
    </>
  );
}

const ID = /^[a-z0-9-]{1,64}$/;
const CURRENCY = /^[A-Z]{3}$/;

function CreateDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { currency } = useCurrency();
  const [name, setName] = useState("");
  const [priceListId, setPriceListId] = useState("");
  const [typed, setTyped] = useState<string>();
  const currencyCode = typed ?? currency;
  const command = useCommand((position) => {
    void message.success(t("prices.created"));
    onDone(position);
    void navigate(`/prices/${encodeURIComponent(priceListId)}`, { state: { position: position.toString() } });
  });
  const problem = useFieldProblems(command.error);
  const body = { priceListId, name: name.trim(), currencyCode };
  return (
    <FormDialog
      title={t("prices.create")}
      okText={t("prices.create.ok")}
      ready={body.name !== "" && ID.test(priceListId) && CURRENCY.test(currencyCode)}
      command={command}
      fields={["name", "price_list_id", "currency_code"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => pricing.createPriceList({ requestId, ...body }))}
    >
      <p>{t("prices.create.note")}</p>
      <Field label={t("prices.name")} problem={problem("name")} hint={t("prices.name.hint")}>
        <Input name="price-list-name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t("prices.id")} problem={problem("price_list_id")} hint={t("prices.id.hint")}>
        <Input
          name="price-list-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={priceListId}
          onChange={(event) => setPriceListId(event.target.value.trim().toLowerCase())}
        />
      </Field>
      <Field label={t("currency.label")} problem={problem("currency_code")} hint={t("prices.currency.hint")}>
        <Input
          name="price-list-currency"
          maxLength={3}
          autoCapitalize="characters"
          spellCheck={false}
          value={currencyCode}
          onChange={(event) => setTyped(event.target.value.trim().toUpperCase())}
        />
      </Field>
    </FormDialog>
  );
}

import { DatePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { BackOrderedProduct } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { WaitingService } from "../gen/qudao/order/v1/waiting_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";

interface Props {
  product: BackOrderedProduct;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Says when more of a product is expected. */
export function ExpectDialog({ product: { productId, productName, expectedOn: before }, onClose, onDone }: Props) {
  const { t } = useI18n();
  const waiting = useClient(WaitingService);
  const [expectedOn, setExpectedOn] = useState(before);
  const command = useToldCommand("waiting.expect.done", onDone);
  const told = useFieldProblems(command.error);
  const body = { productId, expectedOn };
  return (
    <FormDialog
      title={t("waiting.expect.of", { name: productName })}
      okText={t("waiting.expect")}
      ready={expectedOn !== before}
      command={command}
      fields={["expected_on"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => waiting.expectStock({ ...body, requestId }))}
    >
      <p>{t("waiting.expect.note")}</p>
      <Field label={t("waiting.expected")} problem={told("expected_on")}>
        <DatePicker
          id="expected-on"
          value={expectedOn ? dayjs(expectedOn) : null}
          onChange={(day) => setExpectedOn(day?.format("YYYY-MM-DD") ?? "")}
        />
      </Field>
    </FormDialog>
  );
}

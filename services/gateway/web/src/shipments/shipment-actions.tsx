import { Button, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { GetShipmentResponse, Shipment } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { actionsFor, leftOf, type ActionName } from "./rules";
import { ShipDialog } from "./ship-dialog";

export interface Ends {
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

interface Props extends Omit<Ends, "onClose"> {
  data: GetShipmentResponse;
}

/** What this person can do about a shipment as it is. */
export function ShipmentActions({ data, onDone, onStale }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [act, setAct] = useState<ActionName>();
  const one = data.shipment;
  if (!one) return null;
  const ends: Ends = {
    onStale,
    onClose: () => setAct(undefined),
    onDone: (position) => {
      setAct(undefined);
      onDone(position);
    },
  };
  return (
    <>
      {actionsFor(one, may).map((action, i) => (
        <Button key={action} type={i === 0 ? "primary" : "default"} danger={action === "handBack"} data-act={action} onClick={() => setAct(action)}>
          {t(`ship.${action}`)}
        </Button>
      ))}
      {act === "acknowledge" && <AcknowledgeDialog one={one} {...ends} />}
      {act === "handBack" && <HandBackDialog one={one} {...ends} />}
      {act === "ship" && <ShipDialog one={one} lines={data.lines} {...ends} />}
    </>
  );
}

const LONGEST_REFERENCE = 64;

/** Takes a shipment on, under the warehouse's own number. */
function AcknowledgeDialog({ one, onClose, onDone, onStale }: Ends & { one: Shipment }) {
  const { t } = useI18n();
  const format = useFormat();
  const shipping = useClient(ShipmentService);
  const [reference, setReference] = useState("");
  const command = useToldCommand("ship.acknowledge.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const { shipmentId, version } = one;
  const body = { shipmentId, reference: reference.trim() };
  return (
    <FormDialog
      title={t("ship.acknowledge.of", { id: shipmentId })}
      okText={t("ship.acknowledge")}
      command={command}
      fields={["reference"]}
      onClose={onClose}
      onOk={() =>
        void command.run(["acknowledge", body, String(version)], (requestId) =>
          shipping.acknowledgeShipment({ ...body, expectedVersion: version, requestId }),
        )
      }
    >
      <p>{t("ship.acknowledge.consequence", { n: format.count(leftOf(one)), order: one.orderId })}</p>
      <div className="close-fields">
        <Field label={t("ship.reference.label")} problem={told("reference")} hint={t("ship.reference.hint")}>
          <Input
            name="shipment-reference"
            autoComplete="off"
            maxLength={LONGEST_REFERENCE}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
        </Field>
      </div>
    </FormDialog>
  );
}

/** Hands back what is left of it. */
function HandBackDialog({ one, onClose, onDone, onStale }: Ends & { one: Shipment }) {
  const { t } = useI18n();
  const format = useFormat();
  const shipping = useClient(ShipmentService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("ship.handBack.done", onDone, onStale);
  const { shipmentId, version } = one;
  const text = reason.trim();
  return (
    <AskFirst
      title={t("ship.handBack.of", { id: shipmentId })}
      okText={t("ship.handBack")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["handBack", shipmentId, String(version), text], (requestId) =>
          shipping.handBackShipment({ shipmentId, expectedVersion: version, requestId, reason: text }),
        )
      }
    >
      <p>{t("ship.handBack.consequence", { n: format.count(leftOf(one)) })}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

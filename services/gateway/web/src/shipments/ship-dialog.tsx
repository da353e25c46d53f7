import { InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { Shipment, ShipmentLine } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import { CarrierFields } from "./carrier-fields";
import { allLeft, leftOf, linesOf } from "./rules";
import type { Ends } from "./shipment-actions";

const FIELDS = ["carrier", "tracking_number"];
const LONGEST_NUMBER = 64;

interface Props extends Ends {
  one: Shipment;
  lines: ShipmentLine[];
}

/** Records goods that leave, and how they travel. */
export function ShipDialog({ one, lines, onClose, onDone, onStale }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const shipping = useClient(ShipmentService);
  const [quantities, setQuantities] = useState(() => allLeft(lines));
  const [carrier, setCarrier] = useState("");
  const [trackingNumber, setTrackingNumber] = useState("");
  const command = useToldCommand("ship.ship.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const leaving = linesOf(quantities);
  const pieces = leaving.reduce((sum, { quantity }) => sum + quantity, 0);
  const { shipmentId, version } = one;
  const body = { shipmentId, lines: leaving, carrier: carrier.trim(), trackingNumber: trackingNumber.trim() };
  return (
    <FormDialog
      title={t("ship.ship.of", { id: shipmentId })}
      okText={t("action.ship.count", { n: format.count(pieces) })}
      ready={pieces > 0}
      wide
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() =>
        void command.run(["ship", body, String(version)], (requestId) =>
          shipping.shipShipment({ ...body, expectedVersion: version, requestId }),
        )
      }
    >
      <ul className="quantities">
        {lines
          .filter((line) => leftOf(line) > 0)
          .map((line) => (
            <li key={line.lineNo}>
              <span>
                {line.productName || line.productId}
                <span className="soft"> {t("action.open", { n: format.count(leftOf(line)), unit: line.baseUnit })}</span>
              </span>
              <InputNumber
                aria-label={`${line.productName} ${t("order.quantity")}`}
                inputMode="numeric"
                precision={0}
                min={0}
                max={leftOf(line)}
                value={quantities.get(line.lineNo) ?? 0}
                onChange={(value) => setQuantities((before) => new Map(before).set(line.lineNo, value ?? 0))}
              />
            </li>
          ))}
      </ul>
      <CarrierFields
        carrier={carrier}
        number={trackingNumber}
        longestNumber={LONGEST_NUMBER}
        told={told}
        onCarrier={setCarrier}
        onNumber={setTrackingNumber}
      />
    </FormDialog>
  );
}

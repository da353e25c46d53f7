import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { useI18n } from "../i18n/i18n";
import { CarrierFields } from "../shipments/carrier-fields";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import type { CaseDialogProps } from "./after-sale-actions";

const FIELDS = ["carrier", "tracking_number"];
const LONGEST_NUMBER = 50;

/** Says that the goods are on their way back; what was said before is where it begins. */
export function ShipReturnDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const handling = useClient(AfterSaleService);
  const [carrier, setCarrier] = useState(one.carrier);
  const [trackingNumber, setTrackingNumber] = useState(one.trackingNumber);
  const command = useToldCommand("case.ship.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const { afterSaleId, version } = one;
  const body = { afterSaleId, carrier: carrier.trim(), trackingNumber: trackingNumber.trim() };
  return (
    <FormDialog
      title={t("case.ship.of", { id: afterSaleId })}
      okText={t("case.ship.ok")}
      ready={body.carrier !== ""}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() =>
        void command.run(["ship", body, String(version)], (requestId) =>
          handling.shipReturn({ ...body, expectedVersion: version, requestId }),
        )
      }
    >
      <p>{t("case.ship.what")}</p>
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

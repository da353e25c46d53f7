import { useState } from "react";
import { PICTURES, UploadBox } from "../files/upload-box";
import { useTransfers } from "../files/use-transfers";
import { FileService } from "../gen/qudao/collab/v1/file_service_pb";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";

/** Pictures that go with what is said: they are attached to the order, whatever becomes of the dialog. */
export function Photos({ order }: { order: GetOrderResponse }) {
  return useMay()(FileService.method.startUpload) ? <Box order={order} /> : null;
}

function Box({ order: { summary } }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const [stored, setStored] = useState(0);
  const about = { purpose: "attachment", object: { kind: "order", id: summary?.orderId ?? "" }, dealerId: summary?.dealerId ?? "" } as const;
  const transfers = useTransfers(about, () => setStored((n) => n + 1));
  return (
    <div className="case-photos">
      <UploadBox
        transfers={transfers}
        accept={PICTURES}
        label={t("case.photos")}
        hint={stored > 0 ? t("case.photos.n", { n: stored }) : t("case.photos.hint")}
        several
      />
    </div>
  );
}

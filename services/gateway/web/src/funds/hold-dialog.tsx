import { App, Modal } from "antd";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { RefuseDialog, ReleaseDialog } from "../orders/hold-dialogs";
import { Loading, QueryView } from "../ui/states";

export interface HoldAct {
  kind: "release" | "refuse";
  orderId: string;
}

interface Props {
  act: HoldAct;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Decides about an order of the list, as it is now. */
export function HoldDialog({ act: { kind, orderId }, onClose, onDone }: Props) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const orders = useClient(OrderQueryService);
  const query = useQuery(`hold/${orderId}`, (signal) => orders.getOrder({ orderId }, { signal }));
  const done = (position: bigint) => {
    void message.success(t(`action.${kind}.done`));
    onDone(position);
  };
  const Dialog = kind === "release" ? ReleaseDialog : RefuseDialog;
  if (query.data) return <Dialog order={query.data} onClose={onClose} onDone={done} onStale={query.refetch} />;
  return (
    <Modal open title={t(`action.${kind}.title`, { id: orderId })} footer={null} onCancel={onClose}>
      <QueryView query={query} skeleton={<Loading rows={4} />}>
        {() => null}
      </QueryView>
    </Modal>
  );
}

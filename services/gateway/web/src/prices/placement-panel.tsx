import { Button } from "antd";
import { useState } from "react";
import type { AudienceWords } from "../audience/words";
import type { PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Panel } from "../ui/page";
import { PlaceDialog, TakeOutDialog } from "./placement-dialogs";
import { ForWhom, OnDays } from "./placement-words";
import { BASE } from "./words";

interface Props {
  list: PriceList;
  words: AudienceWords;
  onDone: (position: bigint) => void;
}

/** For whom and when a list counts, and the way to change that. */
export function PlacementPanel({ list, words, onDone }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [dialog, setDialog] = useState<"place" | "takeOut">();
  const { placement } = list;
  const isBase = list.priceListId === BASE;
  const props = {
    list,
    onClose: () => setDialog(undefined),
    onDone: (position: bigint) => {
      setDialog(undefined);
      onDone(position);
    },
  };
  const actions = !isBase && (
    <>
      {may(PriceListService.method.placePriceList) && (
        <Button type={placement ? "default" : "primary"} onClick={() => setDialog("place")}>
          {t(placement ? "prices.placement.change" : "prices.placement.place")}
        </Button>
      )}
      {placement && may(PriceListService.method.takeOutPriceList) && (
        <Button danger onClick={() => setDialog("takeOut")}>
          {t("prices.placement.takeOut")}
        </Button>
      )}
    </>
  );
  return (
    <Panel className="placement" title={t("prices.placement")} extra={actions}>
      {isBase ? (
        <p>{t("prices.placement.base")}</p>
      ) : placement ? (
        <Placed list={list} words={words} />
      ) : (
        <p>{t("prices.placement.none")}</p>
      )}
      {dialog === "place" && <PlaceDialog {...props} />}
      {dialog === "takeOut" && <TakeOutDialog {...props} />}
    </Panel>
  );
}

function Placed({ list, words }: { list: PriceList; words: AudienceWords }) {
  const { t } = useI18n();
  return (
    <dl className="terms">
      <div>
        <dt>{t("audience.title")}</dt>
        <dd>
          <ForWhom list={list} words={words} />
        </dd>
      </div>
      <div>
        <dt>{t("days.title")}</dt>
        <dd>
          <OnDays list={list} />
        </dd>
      </div>
      <div>
        <dt>{t("prices.rank")}</dt>
        <dd>{list.placement?.rank}</dd>
      </div>
    </dl>
  );
}

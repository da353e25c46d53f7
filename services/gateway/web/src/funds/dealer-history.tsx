import { Segmented } from "antd";
import { useState } from "react";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { aggregateName } from "../i18n/names";

const AGGREGATES = ["credit_account", "wallet"];

/** All that ever happened to the credit or to the money of a dealer. */
export function DealerHistory({ dealerId, tick }: { dealerId: string; tick: string }) {
  const { t } = useI18n();
  const [aggregate, setAggregate] = useState(AGGREGATES[0] ?? "");
  return (
    <>
      <Segmented
        size="small"
        className="inner-tabs"
        aria-label={t("nav.history")}
        value={aggregate}
        options={AGGREGATES.map((value) => ({ value, label: aggregateName(value, t) }))}
        onChange={setAggregate}
      />
      <ObjectHistory key={aggregate} object={`${aggregate}/${dealerId}`} tick={tick} />
    </>
  );
}

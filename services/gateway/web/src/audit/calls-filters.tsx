import { Button } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { usePhone } from "../ui/media";
import { SearchBox } from "../ui/search-box";
import { useUrlParams } from "../ui/url-state";
import { CALL_FILTERS, RESULT_NAMES, resultKey } from "./calls-state";
import { Moment, Several } from "./controls";

export function CallFilters() {
  const { t } = useI18n();
  const phone = usePhone();
  const [params] = useUrlParams();
  const chosen = CALL_FILTERS.filter((name) => name !== "actor" && params.get(name)).length;
  const [open, setOpen] = useState(false);
  return (
    <div className="filters audit-filters" role="search">
      <SearchBox name="actor" label={t("audit.actor")} />
      {phone && (
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {t("audit.more", { n: chosen })}
        </Button>
      )}
      {(!phone || open) && <More />}
    </div>
  );
}

function More() {
  const { t } = useI18n();
  return (
    <>
      <SearchBox name="rpc" label={t("calls.rpc")} />
      <SearchBox name="named" label={t("calls.named")} />
      <SearchBox name="address" label={t("calls.address")} />
      <Several
        name="result"
        label={t("calls.result")}
        values={RESULT_NAMES}
        nameOf={(name) => t(resultKey(name))}
        open={false}
      />
      <Moment name="from" label={t("audit.from")} />
      <Moment name="to" label={t("audit.to")} />
    </>
  );
}

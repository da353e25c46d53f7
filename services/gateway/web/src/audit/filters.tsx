import { Button } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { contextName, contexts, eventName, eventTypes } from "../i18n/names";
import { usePhone } from "../ui/media";
import { SearchBox } from "../ui/search-box";
import { useUrlParams } from "../ui/url-state";
import { Moment, Several } from "./controls";
import { FILTERS } from "./state";

export function AuditFilters() {
  const { t } = useI18n();
  const phone = usePhone();
  const [params] = useUrlParams();
  const chosen = FILTERS.filter((name) => name !== "actor" && params.get(name)).length;
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
      <SearchBox name="object" label={t("audit.object")} />
      <SearchBox name="story" label={t("audit.story")} />
      <Several name="type" label={t("audit.type")} values={eventTypes()} nameOf={(type) => eventName(type, t)} />
      <Several name="context" label={t("audit.context")} values={contexts()} nameOf={(name) => contextName(name, t)} />
      <Moment name="from" label={t("audit.from")} />
      <Moment name="to" label={t("audit.to")} />
    </>
  );
}

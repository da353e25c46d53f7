import { Button, DatePicker, Input, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { contextName, CONTEXTS, eventName, EVENT_TYPES } from "../i18n/names";
import { usePhone } from "../ui/media";
import { SearchBox } from "../ui/search-box";
import { useUrlParams } from "../ui/url-state";
import { FILTERS, FIRST_PAGE, listOf, type Filter } from "./state";

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
      <Several name="type" label={t("audit.type")} values={EVENT_TYPES} nameOf={eventName} />
      <Several name="context" label={t("audit.context")} values={CONTEXTS} nameOf={contextName} />
      <Moment name="from" label={t("audit.from")} />
      <Moment name="to" label={t("audit.to")} />
    </>
  );
}

function Several({ name, label, values, nameOf }: { name: Filter; label: string; values: string[]; nameOf: typeof eventName }) {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  return (
    <Select
      mode="tags"
      className={`pick-${name}`}
      aria-label={label}
      placeholder={label}
      allowClear
      maxTagCount="responsive"
      popupMatchSelectWidth={false}
      showSearch={{ optionFilterProp: "label" }}
      value={listOf(params, name)}
      options={values.map((value) => ({ value, label: nameOf(value, t) }))}
      onChange={(chosen: string[]) => change({ [name]: chosen.join(","), ...FIRST_PAGE })}
    />
  );
}

const WALL = "YYYY-MM-DDTHH:mm";

/** A time as the clocks of the company show it. */
function Moment({ name, label }: { name: "from" | "to"; label: string }) {
  const [params, change] = useUrlParams();
  const phone = usePhone();
  const value = params.get(name);
  const choose = (moment: string) => change({ [name]: moment, ...FIRST_PAGE });
  // A phone has its own way to choose a time; two panels side by side have no room there.
  if (phone) {
    return (
      <Input
        type="datetime-local"
        className="moment"
        aria-label={label}
        prefix={<span className="soft">{label}</span>}
        value={value ?? ""}
        onChange={(event) => choose(event.target.value)}
      />
    );
  }
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      showTime={{ format: "HH:mm" }}
      format="YYYY-MM-DD HH:mm"
      inputReadOnly
      value={value ? dayjs(value) : null}
      onChange={(moment) => choose(moment?.format(WALL) ?? "")}
    />
  );
}

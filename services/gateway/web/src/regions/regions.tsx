import { Button, DatePicker, Drawer } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { RegionChangeKind, RegionService } from "../gen/qudao/partner/v1/region_service_pb";
import { PartnerQueryService, type GetRegionTreeResponse, type RegionChange } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { usePhone } from "../ui/media";
import { Panel } from "../ui/page";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { DAY, RegionDialog, type Act } from "./region-dialogs";
import { forestOf, matching, rowsOf, type Forest, type Region } from "./region-tree";
import { TreeView } from "./tree-view";

/** The sales regions of the brand: as they are, as they were, as they will be. */
export function Regions() {
  const { t } = useI18n();
  const partners = useClient(PartnerQueryService);
  const [params, change] = useUrlParams();
  const [position, setPosition] = useState(0n);
  const [act, setAct] = useState<Act>();
  const asOf = params.get("day") ?? "";
  const query = useQuery(
    `region-tree/${asOf}`,
    (signal) => partners.getRegionTree({ asOf, minPosition: position }, { signal }),
    { tick: `${useTick("partners")}/${position}`, keep: true },
  );
  const done = (at: bigint) => {
    setAct(undefined);
    setPosition(at);
  };
  return (
    <>
      <div className="filters">
        <SearchBox label={t("regions.search")} />
        <DatePicker
          aria-label={t("regions.asOf")}
          placeholder={t("regions.asOf")}
          format={DAY}
          value={asOf ? dayjs(asOf) : null}
          onChange={(day) => change({ day: day?.format(DAY) ?? "" })}
        />
      </div>
      <QueryView
        query={query}
        isEmpty={(data) => data.regions.length === 0}
        empty={<Empty title={t("regions.none")} todo={t("regions.none.todo")} />}
      >
        {(data) => (
          <>
            <Editor data={data} onAct={setAct} />
            {act && (
              <RegionDialog
                act={act}
                forest={forestOf(data.regions)}
                today={data.today}
                onClose={() => setAct(undefined)}
                onDone={done}
              />
            )}
          </>
        )}
      </QueryView>
    </>
  );
}

function Editor({ data, onAct }: { data: GetRegionTreeResponse; onAct: (act: Act) => void }) {
  const { t } = useI18n();
  const phone = usePhone();
  const [params, change] = useUrlParams();
  const forest = useMemo(() => forestOf(data.regions), [data]);
  const root = forest.root?.regionId ?? "";
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([root]));
  const [chosen, setChosen] = useState("");
  const found = useMemo(() => matching(forest, params.get("q") ?? ""), [forest, params]);
  const rows = rowsOf(forest, open, found);
  const toggle = (id: string, isOpen: boolean) =>
    setOpen((before) => new Set(isOpen ? [...before, id] : [...before].filter((one) => one !== id)));
  const region = forest.byId.get(chosen);
  const isToday = data.asOf === data.today;
  const detail = region && (
    <Detail key={region.regionId} region={region} forest={forest} data={data} onAct={isToday ? onAct : undefined} />
  );
  return (
    <>
      {!isToday && (
        <p className="region-then" role="status">
          {t("regions.then", { day: data.asOf })}{" "}
          <Button size="small" onClick={() => change({ day: "" })}>
            {t("regions.today")}
          </Button>
        </p>
      )}
      <Announced forest={forest} changes={data.announced} onAct={onAct} />
      <div className="region-editor">
        <Panel className="panel-flush">
          {rows.length > 0 ? (
            <TreeView rows={rows} day={data.asOf} chosen={chosen} onChoose={setChosen} onToggle={toggle} />
          ) : (
            <Empty title={t("regions.notFound")} todo={t("regions.notFound.todo")} />
          )}
          <footer className="list-foot">
            <FreshnessMark freshness={data.freshness} projection="partners" />
            <span className="soft">{t("regions.count", { n: data.regions.length })}</span>
          </footer>
        </Panel>
        {!phone && (
          <Panel className="region-detail">{detail ?? <p className="soft">{t("regions.choose")}</p>}</Panel>
        )}
      </div>
      {phone && (
        <Drawer
          className="region-sheet"
          placement="bottom"
          size="auto"
          title={region?.name}
          open={region !== undefined}
          onClose={() => setChosen("")}
        >
          {detail}
        </Drawer>
      )}
    </>
  );
}

interface DetailProps {
  region: Region;
  forest: Forest;
  data: GetRegionTreeResponse;
  /** Nothing can be done to a tree of another day. */
  onAct: ((act: Act) => void) | undefined;
}

/** One region: where it is, what is in it, and what can be done. */
function Detail({ region, forest, data, onAct }: DetailProps) {
  const { t } = useI18n();
  const may = useMay();
  const { regionId, name, retiredOn } = region;
  const isRoot = region.parentId === "";
  const names = forest.pathTo(regionId).map((id) => forest.byId.get(id)?.name ?? id);
  const below = forest.within(regionId).size - 1;
  const { addRegion, renameRegion, moveRegion, retireRegion } = RegionService.method;
  return (
    <div className="region-card">
      <h2 className="phone-hidden">{name}</h2>
      <p className="soft">
        {names.join(" › ")} · <span className="mono">{regionId}</span>
      </p>
      <p>
        {t("regions.has", { n: below, own: region.dealers, all: forest.dealersWithin(regionId) })}
      </p>
      {retiredOn && (
        <p>{t(retiredOn <= data.today ? "regions.retiredSince" : "regions.retires", { day: retiredOn })}</p>
      )}
      {onAct && (
        <div className="row-actions">
          {may(addRegion) && !retiredOn && (
            <Button type="primary" onClick={() => onAct({ kind: "add", region })}>
              {t("regions.add")}
            </Button>
          )}
          {may(renameRegion) && <Button onClick={() => onAct({ kind: "rename", region })}>{t("regions.rename")}</Button>}
          {may(moveRegion) && !isRoot && <Button onClick={() => onAct({ kind: "move", region })}>{t("regions.move")}</Button>}
          {may(retireRegion) && !isRoot && !retiredOn && (
            <Button danger onClick={() => onAct({ kind: "retire", region })}>
              {t("regions.retire")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

interface AnnouncedProps {
  forest: Forest;
  changes: RegionChange[];
  onAct: (act: Act) => void;
}

/** What will be, and can still be called off. */
function Announced({ forest, changes, onAct }: AnnouncedProps) {
  const { t } = useI18n();
  const may = useMay();
  if (changes.length === 0) return null;
  const nameOf = (id: string) => forest.byId.get(id)?.name ?? id;
  return (
    <Panel title={t("regions.announced")}>
      <ul className="sessions" aria-label={t("regions.announced")}>
        {changes.map((change) => (
          <li key={`${change.regionId}/${change.change}/${change.effectiveOn}`} className="session-row">
            <span className="name">
              <span>
                {change.change === RegionChangeKind.MOVE
                  ? t("regions.willMove", { name: nameOf(change.regionId), parent: nameOf(change.parentId) })
                  : t("regions.willRetire", { name: nameOf(change.regionId) })}
              </span>
              <span className="soft">{t("regions.willOn", { day: change.effectiveOn })}</span>
            </span>
            {may(RegionService.method.cancelRegionChange) && (
              <Button size="small" danger onClick={() => onAct({ kind: "cancel", change })}>
                {t("regions.cancel")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

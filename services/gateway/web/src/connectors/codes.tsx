import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useToldCommand } from "../funds/use-told-command";
import { HandoverService } from "../gen/qudao/connector/v1/handover_service_pb";
import { CodeKind, ConnectionService, type MappedCode } from "../gen/qudao/order/v1/connection_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { Field } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { CODES, codesIn } from "./words";

const MOST = 200;

/** What the books call dealers, products, their units, and warehouses. */
export function Codes({ seen, onDone }: { seen: bigint; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const may = useMay();
  const handovers = useClient(HandoverService);
  const [params, change] = useUrlParams();
  const [mapping, setMapping] = useState(false);
  const kind = CODES.find(([one]) => String(one) === params.get("kind"))?.[0] ?? CodeKind.DEALER;
  const token = params.get("token") ?? "";
  const query = useQuery(`erp-codes/${kind}/${token}`, (signal) => handovers.listCodes({ kind, page: { size: PAGE_SIZE, token } }, { signal }), {
    tick: String(seen),
  });
  const map = may(ConnectionService.method.mapCodes) && (
    <Button type="primary" onClick={() => setMapping(true)}>
      {t("erp.map")}
    </Button>
  );
  return (
    <Panel title={t("erp.tab.codes")} extra={map} className="panel-flush erp-codes">
      <div className="erp-inset">
        <Segmented
          aria-label={t("erp.tab.codes")}
          value={kind}
          options={CODES.map(([value, label]) => ({ value, label: t(label) }))}
          onChange={(next) => change({ kind: String(next), token: "", page: "" }, { replace: true })}
        />
      </div>
      <QueryView
        query={query}
        isEmpty={(data) => data.codes.length === 0}
        empty={<Empty title={t("erp.codes.none")} todo={t("erp.codes.none.todo")} />}
      >
        {(data) => (
          <>
            <DataTable<MappedCode>
              label={t("erp.tab.codes")}
              rows={data.codes}
              rowKey={(one) => one.own}
              columns={[
                { key: "own", title: t("erp.codes.own"), cell: (one) => <span className="mono">{one.own}</span> },
                { key: "theirs", title: t("erp.codes.theirs"), cell: (one) => <span className="mono">{one.theirs}</span> },
              ]}
              card={(one) => (
                <span className="card-line mono">
                  <span>{one.own}</span>
                  <span>{one.theirs}</span>
                </span>
              )}
            />
            <footer className="list-foot">
              <Pager page={data.page} rows={data.codes.length} />
            </footer>
          </>
        )}
      </QueryView>
      {mapping && <MapDialog kind={kind} onClose={() => setMapping(false)} onDone={onDone} />}
    </Panel>
  );
}

function MapDialog({ kind, onClose, onDone }: { kind: CodeKind; onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const connecting = useClient(ConnectionService);
  const [text, setText] = useState("");
  const { codes, wrong } = codesIn(text);
  const command = useToldCommand("erp.map.done", (position) => {
    onDone(position);
    onClose();
  });
  const problem = wrong.length > 0 ? t("erp.map.wrong", { n: wrong.slice(0, 5).join(", ") }) : codes.length > MOST ? t("erp.map.most", { n: MOST }) : "";
  return (
    <FormDialog
      title={`${t("erp.map")} · ${t(CODES.find(([one]) => one === kind)?.[1] ?? "erp.tab.codes")}`}
      okText={t("erp.set")}
      ready={codes.length > 0 && problem === ""}
      command={command}
      fields={[]}
      onClose={onClose}
      onOk={() => void command.run([kind, codes], (requestId) => connecting.mapCodes({ requestId, kind, codes }))}
    >
      <Field label={t("erp.map.lines")} problem={problem} hint={t("erp.map.hint")}>
        <Input.TextArea rows={8} className="mono" value={text} placeholder={"tea-500=P-001"} onChange={(event) => setText(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

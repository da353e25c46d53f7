import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { FormDialog } from "../ui/form-dialog";
import { changedRows, NEW_ROW, rowProblem, rowsOf, type ClassRow } from "./classes";
import type { DealerClasses } from "./use-dealer-classes";

interface Props {
  classes: DealerClasses;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Names the levels and channels that dealers can be of. */
export function ClassesDialog({ classes, onClose, onDone }: Props) {
  const { t } = useI18n();
  const dealers = useClient(DealerService);
  const { message } = App.useApp();
  const [levels, setLevels] = useState(() => beginning(classes.levels));
  const [channels, setChannels] = useState(() => beginning(classes.channels));
  const command = useCommand((position) => {
    void message.success(t("classes.define.done"));
    onDone(position);
  });
  const body = { levels: changedRows(classes.levels, levels), channels: changedRows(classes.channels, channels) };
  const wrong = [levels, channels].some((rows) => rows.some((_, i) => rowProblem(rows, i)));
  const send = (requestId: string) =>
    dealers.defineDealerClasses({
      requestId,
      levels: body.levels.map(({ id, name }) => ({ levelId: id, name })),
      channels: body.channels.map(({ id, name }) => ({ channelId: id, name })),
    });
  return (
    <FormDialog
      title={t("classes.define")}
      okText={t("classes.define.save")}
      ready={!wrong && body.levels.length + body.channels.length > 0}
      wide
      command={command}
      fields={[]}
      onClose={onClose}
      onOk={() => void command.run(body, send)}
    >
      <p className="soft">{t("classes.define.hint")}</p>
      <Rows name="level" legend={t("classes.levels")} add={t("classes.add.level")} rows={levels} onChange={setLevels} />
      <Rows name="channel" legend={t("classes.channels")} add={t("classes.add.channel")} rows={channels} onChange={setChannels} />
    </FormDialog>
  );
}

/** Where there is none yet, a row waits to be filled in. */
function beginning(known: DealerClasses["levels"]): ClassRow[] {
  return known.length > 0 ? rowsOf(known) : [NEW_ROW];
}

const MOST = 50;

interface RowsProps {
  /** What the inputs are called. */
  name: string;
  legend: string;
  add: string;
  rows: ClassRow[];
  onChange: (rows: ClassRow[]) => void;
}

function Rows({ name, legend, add, rows, onChange }: RowsProps) {
  const set = (at: number, change: Partial<ClassRow>) =>
    onChange(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  return (
    <fieldset className="field">
      <legend>{legend}</legend>
      <ul className="class-rows">
        {rows.map((row, i) => (
          <Row
            key={i}
            name={`${name}-${i}`}
            row={row}
            rows={rows}
            at={i}
            onChange={(change) => set(i, change)}
            onRemove={() => onChange(rows.filter((_, other) => other !== i))}
          />
        ))}
      </ul>
      {rows.length < MOST && (
        <Button icon={<PlusOutlined />} onClick={() => onChange([...rows, NEW_ROW])}>
          {add}
        </Button>
      )}
    </fieldset>
  );
}

interface RowProps {
  name: string;
  row: ClassRow;
  rows: ClassRow[];
  at: number;
  onChange: (change: Partial<ClassRow>) => void;
  onRemove: () => void;
}

function Row({ name, row, rows, at, onChange, onRemove }: RowProps) {
  const { t } = useI18n();
  const problem = rowProblem(rows, at);
  return (
    <li>
      <Input
        name={`${name}-name`}
        aria-label={t("classes.name")}
        placeholder={t("classes.name")}
        maxLength={100}
        value={row.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <Input
        name={`${name}-id`}
        className="mono"
        aria-label={t("classes.id")}
        placeholder={t("classes.id")}
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        disabled={row.known}
        value={row.id}
        onChange={(event) => onChange({ id: event.target.value.trim().toLowerCase() })}
      />
      <Button type="text" disabled={row.known} aria-label={t("classes.remove")} onClick={onRemove}>
        ×
      </Button>
      {problem && (
        <span className="field-error" role="alert">
          {t(problem)}
        </span>
      )}
    </li>
  );
}

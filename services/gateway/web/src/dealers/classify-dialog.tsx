import { App, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import type { Dealer } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { Empty } from "../ui/states";
import { useToday } from "../ui/use-today";
import type { DealerClass, DealerClasses } from "./use-dealer-classes";

interface Props {
  dealer: Dealer;
  classes: DealerClasses;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Says of which level and channel a dealer is, from a day on. */
export function ClassifyDialog({ dealer, classes, onClose, onDone }: Props) {
  const { t } = useI18n();
  const dealers = useClient(DealerService);
  const { message } = App.useApp();
  const today = useToday();
  const [levelId, setLevelId] = useState(dealer.levelId);
  const [channelId, setChannelId] = useState(dealer.channelId);
  const [effectiveOn, setEffectiveOn] = useState("");
  const command = useCommand((position) => {
    void message.success(t("classes.change.done"));
    onDone(position);
  });
  const problem = useFieldProblems(command.error);
  const body = { dealerId: dealer.dealerId, levelId, channelId, effectiveOn };
  return (
    <FormDialog
      title={t("classes.change.title", { name: dealer.name })}
      okText={t("classes.define.save")}
      command={command}
      fields={["level_id", "channel_id", "effective_on"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => dealers.classifyDealer({ requestId, ...body }))}
    >
      <p>{t("classes.change.note")}</p>
      {classes.levels.length + classes.channels.length === 0 && <Empty title={t("classes.none")} todo={t("classes.none.todo")} />}
      <Field label={t("classes.level")} problem={problem("level_id")}>
        <PickClass label={t("classes.level")} none={t("classes.level.none")} offered={classes.levels} value={levelId} onChange={setLevelId} />
      </Field>
      <Field label={t("classes.channel")} problem={problem("channel_id")}>
        <PickClass
          label={t("classes.channel")}
          none={t("classes.channel.none")}
          offered={classes.channels}
          value={channelId}
          onChange={setChannelId}
        />
      </Field>
      <DayField
        label={t("classes.from")}
        hint={t("classes.from.hint")}
        first={today}
        problem={problem("effective_on")}
        value={effectiveOn}
        onChange={setEffectiveOn}
      />
    </FormDialog>
  );
}

interface PickProps {
  label: string;
  /** What it is called to be of none. */
  none: string;
  offered: DealerClass[];
  value: string;
  onChange: (id: string) => void;
}

function PickClass({ label, none, offered, value, onChange }: PickProps) {
  const known = offered.some(({ id }) => id === value);
  const options = [{ id: "", name: none }, ...(known || value === "" ? [] : [{ id: value, name: value }]), ...offered];
  return (
    <Select
      className="pick-product"
      aria-label={label}
      value={value}
      options={options.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(id: string) => onChange(id)}
    />
  );
}

import { App, DatePicker, Input, Modal, TreeSelect } from "antd";
import dayjs from "dayjs";
import { useState, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { RegionChangeKind, RegionService } from "../gen/qudao/partner/v1/region_service_pb";
import type { RegionChange } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import type { Forest, Region } from "./region-tree";

export const DAY = "YYYY-MM-DD";

/** What is about to be done to a region. */
export type Act = { kind: "add" | "rename" | "move" | "retire"; region: Region } | { kind: "cancel"; change: RegionChange };

interface Props {
  forest: Forest;
  /** Today in the time zone of the brand. */
  today: string;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** The dialog for an act. */
export function RegionDialog({ act, ...rest }: Props & { act: Act }) {
  switch (act.kind) {
    case "add":
      return <AddDialog parent={act.region} {...rest} />;
    case "rename":
      return <RenameDialog region={act.region} {...rest} />;
    case "move":
      return <MoveDialog region={act.region} {...rest} />;
    case "retire":
      return <RetireDialog region={act.region} {...rest} />;
    case "cancel":
      return <CancelDialog change={act.change} {...rest} />;
  }
}

function useRegionCommand(words: string, onDone: (position: bigint) => void) {
  const { message } = App.useApp();
  return useCommand((position) => {
    void message.success(words);
    onDone(position);
  });
}

interface FormProps {
  title: string;
  okText: string;
  ready: boolean;
  command: { busy: boolean; error: unknown };
  fields: string[];
  onClose: () => void;
  onOk: () => void;
  children: ReactNode;
}

function FormDialog({ title, okText, ready, command, fields, onClose, onOk, children }: FormProps) {
  const { t } = useI18n();
  return (
    <Modal
      open
      width={480}
      title={title}
      okText={okText}
      okButtonProps={{ disabled: !ready }}
      cancelText={t("action.close")}
      confirmLoading={command.busy}
      onCancel={onClose}
      onOk={onOk}
    >
      {children}
      <RestOfFailure error={command.error} fields={fields} />
    </Modal>
  );
}

function AddDialog({ parent, onClose, onDone }: Props & { parent: Region }) {
  const { t } = useI18n();
  const regions = useClient(RegionService);
  const [regionId, setRegionId] = useState("");
  const [name, setName] = useState("");
  const command = useRegionCommand(t("regions.add.done"), onDone);
  const problem = useFieldProblems(command.error);
  const body = { regionId, name: name.trim(), parentId: parent.regionId };
  return (
    <FormDialog
      title={t("regions.add.title", { name: parent.name })}
      okText={t("regions.add")}
      ready={regionId !== "" && body.name !== ""}
      command={command}
      fields={["region_id", "name"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => regions.addRegion({ requestId, ...body }))}
    >
      <Field label={t("regions.name")} problem={problem("name")}>
        <Input name="region-name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t("regions.id")} problem={problem("region_id")} hint={t("regions.id.hint")}>
        <Input
          name="region-id"
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={regionId}
          onChange={(event) => setRegionId(event.target.value.trim().toLowerCase())}
        />
      </Field>
    </FormDialog>
  );
}

function RenameDialog({ region, onClose, onDone }: Props & { region: Region }) {
  const { t } = useI18n();
  const regions = useClient(RegionService);
  const [name, setName] = useState(region.name);
  const command = useRegionCommand(t("regions.rename.done"), onDone);
  const problem = useFieldProblems(command.error);
  const body = { regionId: region.regionId, name: name.trim() };
  return (
    <FormDialog
      title={t("regions.rename.title", { name: region.name })}
      okText={t("regions.rename")}
      ready={body.name !== "" && body.name !== region.name}
      command={command}
      fields={["name"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => regions.renameRegion({ requestId, ...body }))}
    >
      <Field label={t("regions.name")} problem={problem("name")} hint={t("regions.rename.hint")}>
        <Input name="region-name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

interface Node {
  value: string;
  title: string;
  search: string;
  disabled: boolean;
  children: Node[];
}

/** Where a region can go: not below itself, not into what takes nothing new. Where it is today it
 *  may go too: back, after a move that is announced. */
function nodeOf(forest: Forest, at: Region, moved: Region): Node {
  const { regionId, name, retiredOn } = at;
  const open = forest.childrenOf(regionId).filter((child) => child.regionId !== moved.regionId);
  return {
    value: regionId,
    title: name,
    search: `${name} ${regionId}`,
    disabled: retiredOn !== "",
    children: open.map((child) => nodeOf(forest, child, moved)),
  };
}

function MoveDialog({ region, forest, today, onClose, onDone }: Props & { region: Region }) {
  const { t } = useI18n();
  const regions = useClient(RegionService);
  const [parentId, setParentId] = useState("");
  const [effectiveOn, setEffectiveOn] = useState(today);
  const command = useRegionCommand(t("regions.move.done"), onDone);
  const problem = useFieldProblems(command.error);
  const body = { regionId: region.regionId, parentId, effectiveOn };
  const with_ = forest.within(region.regionId).size - 1;
  return (
    <FormDialog
      title={t("regions.move.title", { name: region.name })}
      okText={t("regions.move")}
      ready={parentId !== "" && effectiveOn !== ""}
      command={command}
      fields={["parent_id", "effective_on"]}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => regions.moveRegion({ requestId, ...body }))}
    >
      <p>{t("regions.move.consequence", { n: with_, dealers: forest.dealersWithin(region.regionId) })}</p>
      <Field label={t("regions.move.parent")} problem={problem("parent_id")}>
        <TreeSelect<string>
          className="pick-region"
          aria-label={t("regions.move.parent")}
          showSearch={{ treeNodeFilterProp: "search" }}
          treeDefaultExpandedKeys={forest.root ? [forest.root.regionId] : []}
          placeholder={t("regions.move.choose")}
          treeData={forest.root ? [nodeOf(forest, forest.root, region)] : []}
          value={parentId || undefined}
          onChange={(id) => setParentId(id ?? "")}
        />
      </Field>
      <DayField label={t("regions.from")} today={today} value={effectiveOn} onChange={setEffectiveOn} problem={problem("effective_on")} />
    </FormDialog>
  );
}

interface DayProps {
  label: string;
  today: string;
  value: string;
  problem: string;
  onChange: (day: string) => void;
}

/** A day from today on: it begins at midnight where the brand is. */
function DayField({ label, today, value, problem, onChange }: DayProps) {
  const { t } = useI18n();
  return (
    <Field label={label} problem={problem} hint={t("regions.from.hint", { today })}>
      <DatePicker
        aria-label={label}
        allowClear={false}
        format={DAY}
        minDate={dayjs(today)}
        value={value ? dayjs(value) : null}
        onChange={(day) => onChange(day?.format(DAY) ?? "")}
      />
    </Field>
  );
}

function RetireDialog({ region, forest, today, onClose, onDone }: Props & { region: Region }) {
  const { t } = useI18n();
  const regions = useClient(RegionService);
  const [effectiveOn, setEffectiveOn] = useState(today);
  const command = useRegionCommand(t("regions.retire.done"), onDone);
  const problem = useFieldProblems(command.error);
  const body = { regionId: region.regionId, effectiveOn };
  return (
    <AskFirst
      title={t("regions.retire.title", { name: region.name })}
      okText={t("regions.retire")}
      danger
      disabled={effectiveOn === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => regions.retireRegion({ requestId, ...body }))}
    >
      <p>{t("regions.retire.consequence", { dealers: forest.dealersWithin(region.regionId) })}</p>
      <DayField label={t("regions.from")} today={today} value={effectiveOn} onChange={setEffectiveOn} problem={problem("effective_on")} />
    </AskFirst>
  );
}

function CancelDialog({ change, forest, onClose, onDone }: Props & { change: RegionChange }) {
  const { t } = useI18n();
  const regions = useClient(RegionService);
  const command = useRegionCommand(t("regions.cancel.done"), onDone);
  const { regionId, change: kind, effectiveOn } = change;
  const name = forest.byId.get(regionId)?.name ?? regionId;
  const body = { regionId, change: kind, effectiveOn };
  return (
    <AskFirst
      title={t(kind === RegionChangeKind.MOVE ? "regions.cancel.move" : "regions.cancel.retirement", { name })}
      okText={t("regions.cancel")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => regions.cancelRegionChange({ requestId, ...body }))}
    >
      <p>{t("regions.cancel.consequence", { day: effectiveOn })}</p>
    </AskFirst>
  );
}

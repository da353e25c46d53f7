import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useEffect, useId, useState } from "react";
import { useI18n, type Key } from "../i18n/i18n";
import { useFieldProblems } from "../ui/field-problems";
import { LEAST, opinionOn, type Opinion, type Strength } from "./strength";

interface Props {
  label: string;
  value: string;
  onChange: (password: string) => void;
  /** What somebody would try first: user name, names, the brand. */
  known: string[];
  /** What became of sending it, and what the field is called there. */
  error: unknown;
  field: string;
}

const WORDS: Record<Strength, Key> = {
  0: "password.weak",
  1: "password.fair",
  2: "password.good",
  3: "password.strong",
};

/** A new password, with what it has to be like told before it is sent. */
export function NewPassword({ label, value, onChange, known, error, field }: Props) {
  const { t } = useI18n();
  const opinion = opinionOn(value, known);
  const hints = useId();
  // What the server says is about the password that was sent, not about the next one.
  const said = useFieldProblems(error)(field);
  const [sent, setSent] = useState(value);
  useEffect(() => setSent(value), [error]);
  const problem = value === sent ? said : "";
  return (
    <div className="new-password">
      <label className="field">
        {label}
        <Input.Password
          name="new-password"
          autoComplete="new-password"
          required
          maxLength={200}
          aria-describedby={hints}
          status={problem ? "error" : ""}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <div id={hints}>
        {problem && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
        <Meter opinion={opinion} started={value !== ""} />
        <ul className="rules">
          <Rule kept={opinion.longEnough} words={t("password.rule.length", { n: LEAST })} />
          <Rule kept={value !== "" && opinion.unrelated} words={t("password.rule.unrelated")} />
          <Rule kept={opinion.unusual} words={t("password.rule.unusual")} />
        </ul>
      </div>
    </div>
  );
}

function Meter({ opinion: { strength }, started }: { opinion: Opinion; started: boolean }) {
  const { t } = useI18n();
  return (
    <p className={`strength strength-${started ? strength : "none"}`}>
      <span className="strength-bar" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      <span role="status">{started ? t(WORDS[strength]) : t("password.hint")}</span>
    </p>
  );
}

function Rule({ kept, words }: { kept: boolean; words: string }) {
  const { t } = useI18n();
  return (
    <li className={kept ? "rule rule-kept" : "rule"}>
      {kept ? <CheckCircleFilled aria-label={t("password.kept")} /> : <MinusCircleOutlined aria-hidden />}
      <span>{words}</span>
    </li>
  );
}

import type { ReactNode } from "react";
import { problemOf } from "../api/errors";
import { useI18n } from "../i18n/i18n";
import { Failure } from "./states";

/** A list is one field of a form, whichever of its items is wrong. */
const isOf = (told: string, field: string) => told === field || told.startsWith(`${field}[`);

/** What was wrong with which field, by the names of the contract. */
export function useFieldProblems(error: unknown): (field: string) => string {
  const { locale, t } = useI18n();
  if (error === undefined) return () => "";
  const { fields } = problemOf(error, locale, t);
  return (field) => fields.find((one) => isOf(one.field, field))?.description ?? "";
}

/** The failure itself, unless every part of it stands beside a field. */
export function RestOfFailure({ error, fields, todo }: { error: unknown; fields: string[]; todo?: string }) {
  const { locale, t } = useI18n();
  if (error === undefined) return null;
  const problem = problemOf(error, locale, t);
  const told = problem.fields.length > 0 && problem.fields.every(({ field }) => fields.some((one) => isOf(field, one)));
  return told ? null : <Failure error={error} {...(todo && { todo })} />;
}

/** A labelled field with what is wrong with it, or with what helps to fill it in. */
export function Field({ label, problem, hint, children }: { label: string; problem?: string; hint?: string; children: ReactNode }) {
  return (
    <label className="field">
      {label}
      {children}
      {problem ? (
        <span className="field-error" role="alert">
          {problem}
        </span>
      ) : (
        hint && <span className="soft field-hint">{hint}</span>
      )}
    </label>
  );
}

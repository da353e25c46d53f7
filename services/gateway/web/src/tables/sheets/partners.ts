// Dealers and people.
import type { DealerClasses } from "../../dealers/use-dealer-classes";
import type { Dealer } from "../../gen/qudao/partner/v1/partner_query_service_pb";
import type { UserEntry } from "../../gen/qudao/partner/v1/user_query_service_pb";
import { companyName } from "../../session/company-switch";
import { roleName } from "../../shell/role-names";
import type { Sheet, SheetColumn } from "../cells";

export const dealersSheet = (classes: DealerClasses): Sheet<Dealer> => ({
  columns: ({ t, time }) => {
    const levels: SheetColumn<Dealer>[] = [
      { title: t("classes.level"), cell: (d) => (d.levelId ? classes.levelName(d.levelId) : "") },
      { title: t("classes.channel"), cell: (d) => (d.channelId ? classes.channelName(d.channelId) : "") },
    ];
    return [
      { title: t("sheet.dealerId"), cell: (d) => d.dealerId },
      { title: t("sheet.dealerName"), cell: (d) => d.name },
      { title: t("sheet.regionId"), cell: (d) => d.regionId },
      { title: t("order.region"), cell: (d) => d.regionName },
      { title: t("dealers.city"), cell: (d) => d.city },
      // Whoever is not told what they are called is not shown ids either.
      ...(classes.told ? levels : []),
      { title: t("dealers.since"), cell: (d) => time(d.registeredAt) },
    ];
  },
});

export const usersSheet: Sheet<UserEntry> = {
  columns: ({ t, time }) => [
    { title: t("sheet.login"), cell: (person) => person.login },
    { title: t("people.name"), cell: (person) => person.name },
    { title: t("people.company"), cell: ({ memberships }) => memberships.map((one) => companyName(one, t)).join(" · ") },
    {
      title: t("people.roles"),
      cell: ({ memberships }) => [...new Set(memberships.flatMap(({ roles }) => roles))].map((role) => roleName(role, t)).join(" · "),
    },
    { title: t("order.status"), cell: ({ suspended }) => (suspended ? t("people.suspended") : "") },
    { title: t("people.registered"), cell: (person) => time(person.registeredAt) },
  ],
};

import { UserAddOutlined } from "@ant-design/icons";
import type { DescMethod } from "@bufbuild/protobuf";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { NavLink, useParams } from "react-router";
import { InvitationService } from "../gen/qudao/partner/v1/invitation_service_pb";
import { IdentityProviderService } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { ServiceAccountService } from "../gen/qudao/partner/v1/service_account_service_pb";
import { TenantService } from "../gen/qudao/partner/v1/tenant_service_pb";
import { UserQueryService } from "../gen/qudao/partner/v1/user_query_service_pb";
import { DeliveryService } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { Regions } from "../regions/regions";
import { useMay } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { Webhooks } from "../webhooks/webhooks";
import { BrandSettings } from "./brand-settings";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { People } from "./people";
import { Programs } from "./programs";
import { ProviderSettings } from "./provider-settings";

const AREAS: { path: string; name: Key; needs: DescMethod }[] = [
  { path: "people", name: "people.title", needs: UserQueryService.method.listUsers },
  { path: "invitations", name: "invite.list", needs: UserQueryService.method.listInvitations },
  { path: "programs", name: "programs.title", needs: ServiceAccountService.method.listServiceAccounts },
  { path: "regions", name: "regions.title", needs: PartnerQueryService.method.getRegionTree },
  { path: "sign-in", name: "idp.title", needs: IdentityProviderService.method.getIdentityProvider },
  { path: "brand", name: "brand.title", needs: TenantService.method.changeTenant },
  { path: "webhooks", name: "webhook.title", needs: DeliveryService.method.listWebhooks },
];

/** Who works here, whom they invited, and how the brand looks and works. */
export default function SettingsPage() {
  const { t } = useI18n();
  const may = useMay();
  const [inviting, setInviting] = useState(false);
  const [position, setPosition] = useState(0n);
  const open = AREAS.filter(({ needs }) => may(needs));
  const { area = open[0]?.path ?? "" } = useParams();
  const here = open.find(({ path }) => path === area);
  const pages: Record<string, () => ReactNode> = {
    people: () => <People />,
    invitations: () => <Invitations position={position} onChanged={setPosition} />,
    programs: () => <Programs />,
    regions: () => <Regions />,
    "sign-in": () => <ProviderSettings />,
    brand: () => <BrandSettings />,
    webhooks: () => <Webhooks />,
  };
  const mayInvite = may(InvitationService.method.inviteUser) && ["people", "invitations"].includes(area);
  return (
    <Page
      title={t("nav.settings")}
      extra={
        mayInvite && (
          <Button type="primary" icon={<UserAddOutlined />} onClick={() => setInviting(true)}>
            {t("invite.title")}
          </Button>
        )
      }
    >
      <nav className="areas" aria-label={t("nav.settings")}>
        {open.map(({ path, name }) => (
          <NavLink key={path} to={path === open[0]?.path ? "/settings" : `/settings/${path}`} end>
            {t(name)}
          </NavLink>
        ))}
      </nav>
      {here ? pages[area]?.() : <Empty title={t("error.permission")} todo={t("error.permission.todo")} />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} onDone={setPosition} />}
    </Page>
  );
}

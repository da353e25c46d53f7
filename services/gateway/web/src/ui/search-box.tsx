import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useSearchText, useUrlParams } from "./url-state";

/** A search that becomes part of the URL; a new search starts at the first page. */
export function SearchBox({ label, name = "q" }: { label: string; name?: string }) {
  const [params, change] = useUrlParams();
  const [text, setText] = useSearchText(params.get(name) ?? "", (wanted) =>
    change({ [name]: wanted, page: "", token: "" }, { replace: true }),
  );
  return (
    <Input
      className="search"
      type="search"
      allowClear
      prefix={<SearchOutlined aria-hidden />}
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

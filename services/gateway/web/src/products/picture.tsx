import { useEffect, useRef, useState } from "react";
import { useFileUrl } from "../files/use-file-url";
import type { Rendition } from "../files/wire";
import "./products.css";

interface Props {
  /** The file; empty: there is none. */
  id: string;
  name: string;
  as?: Rendition;
  className?: string;
}

/** A picture of a product, fetched when it comes into sight; a drawn box where there is none. */
export function ProductPicture({ id, name, as = "thumbnail", className = "" }: Props) {
  const box = useRef<HTMLSpanElement>(null);
  const near = useNear(box, id !== "");
  const url = useFileUrl(near ? id : "", as);
  return (
    <span ref={box} className={`product-picture ${className}`} data-picture={url ? "shown" : id ? "coming" : "none"}>
      {url ? <img src={url} alt={name} decoding="async" /> : <Drawn />}
    </span>
  );
}

/** A box, in one colour. */
function Drawn() {
  return (
    <svg viewBox="0 0 48 48" aria-hidden focusable="false">
      <path d="M24 6l16 8v20l-16 8-16-8V14zM8 14l16 8 16-8M24 22v20M16 10l16 8v7" />
    </svg>
  );
}

/** Whether an element is in sight, or nearly: once it was, it stays so. */
function useNear(element: React.RefObject<HTMLElement | null>, wanted: boolean): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const there = element.current;
    if (!wanted || near || !there) return;
    if (typeof IntersectionObserver === "undefined") {
      setNear(true);
      return;
    }
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setNear(true), {
      rootMargin: "200px",
    });
    observer.observe(there);
    return () => observer.disconnect();
  }, [element, wanted, near]);
  return near;
}

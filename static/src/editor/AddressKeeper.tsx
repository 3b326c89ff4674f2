import { useEffect } from "react";
import { useSession } from "./hooks";
import { keepAddress } from "./keepAddress";

/** Draws nothing: keeps the address of the page and what is shown alike. */
export function AddressKeeper(): null {
  const session = useSession();
  useEffect(() => keepAddress(session), [session]);
  return null;
}

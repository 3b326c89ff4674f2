import { type ReactElement, useSyncExternalStore } from "react";
import { preferences, setPreference, watchPreferences } from "../canvas/preferences";
import { t } from "../words/t";

/** What of the keys and the wheel is a matter of taste. Kept in this browser. */
export function KeySettings(): ReactElement {
  const { letters, wheelZooms } = useSyncExternalStore(watchPreferences, preferences);
  return (
    <fieldset className="key-settings">
      <legend className="visually-hidden">{t("In this browser")}</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => setPreference({ letters: event.target.checked })}
        />
        {t("Single letters, digits and signs are keys")}
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={wheelZooms}
          onChange={(event) => setPreference({ wheelZooms: event.target.checked })}
        />
        {t("The wheel zooms instead of moving the paper")}
      </label>
    </fieldset>
  );
}

/** A choice in a filter form acts at once; empty fields stay out of the address. */
export function filterForms(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-filters]")) {
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLSelectElement) form.requestSubmit();
    });
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData.entries()]) if (!value) formData.delete(name);
    });
  }
}

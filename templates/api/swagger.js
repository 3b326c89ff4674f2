"use strict";

SwaggerUIBundle({
  url: {{ schema|safe }},
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] = "{{ csrf_token }}";
    return request;
  },
});

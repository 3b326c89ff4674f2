// Counts, links and toggles look as on the run page.
import "../run/styles/panel.css";
import "../run/styles/timeline.css";
import { mountIsland } from "../islands";
import { mountReview } from "../review/mountReview";

mountIsland(document, "review", mountReview);

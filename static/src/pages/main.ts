import { enhancePages } from "./index";

enhancePages();

/** A thread of {@link CurveThreads}. */
import { answerJobs } from "../threads/index.js";
import { answerCurveRequest } from "./curve-messages.js";

answerJobs(answerCurveRequest);

/** Files in no known format, and the download that a refusal names. */
import { expect } from "chai";
import { refusal } from "../support/errors.js";
import { readTable as read } from "../support/tables.js";

describe("a file that is not recognised", () => {
  const damaged: Readonly<Record<string, readonly [text: string, name: string, differs: string]>> =
    {
      "NEM12 whose first record is damaged": [
        "1O0,NEM12,202401010000,MDP,RET\n200,4001,E1,1,E1,N1,M1,kWh,30,\n",
        "NEM12/NEM13",
        '"100,NEM12"',
      ],
      "a telegram without its first line": [
        "1-3:0.2.8(50)\r\n0-0:1.0.0(240101000000W)\r\n!\r\n",
        "P1 telegrams",
        '"/"',
      ],
      "Green Button whose first line is lost": [
        "><entry><content><IntervalBlock><IntervalReading/></IntervalBlock></content></entry></feed>",
        "Green Button",
        "<feed>",
      ],
      "n3rgy JSON under another field": [
        '{"resources":"/electricity/consumption/1","start":"1","end":"2","values":[{"value":1,"timestamp":"x"}]}',
        "n3rgy JSON",
        '"resource"',
      ],
      "Datadis JSON under another field": [
        '[{"cups":"ES","date":"2024/02/01","time":"01:00","consumption":1,"obtainMethod":"Real"}]',
        "Datadis JSON",
        '"consumptionKWh"',
      ],
    };
  for (const [what, [text, name, differs]] of Object.entries(damaged)) {
    it(`given ${what}, then the refusal names ${name} and what differs`, async () => {
      const error = await refusal(read(text));
      expect(error.code).to.equal("readings/unknown-format");
      expect(error.message).to.include(`most resembles ${name}`).and.to.include(differs);
    });
  }
});

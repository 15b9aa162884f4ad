import { expect } from "chai";
import { Equations } from "../../src/sealed/equations.js";
import { Base } from "../../src/sealed/system.js";
import { fast, oracle } from "./support.js";

for (const system of [fast, oracle]) {
  describe(`equations checked together (${system.group.name})`, () => {
    const { group, messageBase } = system;

    it("hold when there are none, and when each adds up", () => {
      expect(new Equations(system).hold()).to.equal(true);
      const equations = new Equations(system);
      equations.equation().point(group.generator, 5n).base(Base.Generator, -5n);
      equations.equation().base(Base.Message, 3n).point(group.mul(messageBase, 3n), -1n);
      expect(equations.hold()).to.equal(true);
    });

    it("do not hold when one is false", () => {
      const equations = new Equations(system);
      equations.equation().point(group.generator, 5n).base(Base.Generator, -5n);
      equations.equation().base(Base.Message, 1n);
      expect(equations.hold()).to.equal(false);
    });

    it("do not hold when two are false and cancel", () => {
      const bases = new Equations(system);
      bases.equation().base(Base.Generator, 1n);
      bases.equation().base(Base.Generator, -1n);
      expect(bases.hold()).to.equal(false);
      const points = new Equations(system);
      points.equation().point(messageBase, 1n);
      points.equation().point(messageBase, -1n);
      expect(points.hold()).to.equal(false);
    });
  });
}

/** The use of one material by somebody. While any lease lasts, its keys are not wiped. */
export interface Lease<Material> {
  readonly material: Material;
  /** Ends this lease; to call it again does nothing. */
  release(): void;
}

/** One material and everybody who uses it: it is wiped once, at the end of the last lease. */
export class LeasedMaterial<Material> {
  readonly #material: Material;
  readonly #wipe: (() => void) | undefined;
  #leases = 0;
  #ended = false;

  /** @param wipe overwrites the keys; `undefined` where the material has none */
  constructor(material: Material, wipe: ((material: Material) => void) | undefined) {
    this.#material = material;
    this.#wipe = wipe && (() => wipe(material));
  }

  /** Whether the last lease has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  lease(): Lease<Material> {
    this.#leases++;
    return new OneLease(this.#material, () => this.#endOne());
  }

  #endOne(): void {
    this.#leases--;
    if (this.#leases > 0) return;
    this.#ended = true;
    this.#wipe?.();
  }
}

class OneLease<Material> implements Lease<Material> {
  readonly material: Material;
  #end: (() => void) | undefined;

  constructor(material: Material, end: () => void) {
    this.material = material;
    this.#end = end;
  }

  release(): void {
    const end = this.#end;
    this.#end = undefined;
    end?.();
  }
}

/** Ends what was leased for all of one request. */
export class RequestLeases {
  #releases: (() => void)[] | undefined = [];

  /** Keeps what is to be done at the end; after the end it is done at once. */
  readonly add = (release: () => void): void => {
    if (this.#releases === undefined) release();
    else this.#releases.push(release);
  };

  end(): void {
    const releases = this.#releases ?? [];
    this.#releases = undefined;
    for (const release of releases) release();
  }
}

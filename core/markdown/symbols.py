"""What LaTeX's names mean in Unicode, as tables. Reading a formula is latex.py's part."""

from __future__ import annotations


def _names(table: str) -> frozenset[str]:
    return frozenset(table.split())


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LETTERS = _pairs("""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ
    nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega
    ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
    infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ emptyset ∅ varnothing ∅ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ wp ℘
    angle ∠ triangle △ square □ Box □ blacksquare ■ qed ∎ degree ° prime ′ dagger † ddagger ‡ checkmark ✓ top ⊤ bot ⊥
    neg ¬ lnot ¬ surd √ imath ı jmath ȷ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ star ⋆ bullet • circ ∘
    cdot · times × div ÷ pm ± mp ∓ ast ∗ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ cap ∩ cup ∪ setminus ∖ backslash ∖ wedge ∧
    land ∧ vee ∨ lor ∨ langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert ∣ rvert ∣ vert ∣ lVert ‖ rVert ‖ Vert ‖
    lbrace { rbrace } lbrack [ rbrack ] AA Å S § P ¶ pounds £ euro €
""")
"""What stands by itself, as the source spaces it."""

RELATIONS = _pairs("""
    le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ lt < gt > ne ≠ neq ≠ ll ≪ gg ≫ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅
    propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ to → rightarrow → leftarrow ← gets ←
    leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ impliedby ⇐ iff ⇔ longrightarrow ⟶
    longleftarrow ⟵ Longrightarrow ⟹ mapsto ↦ longmapsto ⟼ uparrow ↑ downarrow ↓ rightleftharpoons ⇌ hookrightarrow ↪
    perp ⊥ parallel ∥ mid ∣ vdash ⊢ models ⊨ prec ≺ succ ≻ triangleq ≜ coloneqq ≔ therefore ∴ because ∵ asymp ≍
    doteq ≐ xrightarrow →
""")
"""What has a space on both sides."""

BIG = _pairs("""
    sum Σ prod Π coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀
""")
"""What has bounds, and a space behind them."""

FUNCTIONS = _names("""
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp lim limsup liminf max min sup inf det dim
    ker deg gcd lcm hom arg mod Pr argmax argmin
""")

SPACES = {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "~": " ", "!": "", "/": "", "quad": " ", "qquad": " "}

FONTS = _names("""
    text textbf textit textrm textsf texttt textnormal mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak bm
    boldsymbol operatorname mbox hbox emph underline boxed overbrace underbrace overset underset stackrel phantom
    mathop mathbin mathrel mathord ensuremath substack
""")
"""Their argument is shown as it is."""

SILENT = _names("""
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle limits nolimits displaystyle
    textstyle scriptstyle scriptscriptstyle nonumber notag hline centering bf rm it cal
""")
"""They change how things look, not what they mean."""

WITHOUT_ARGUMENT = _names("color textcolor label hspace vspace ref vphantom hphantom")
"""These are left out together with their argument."""

BLACKBOARD = _pairs("C ℂ H ℍ N ℕ P ℙ Q ℚ R ℝ Z ℤ E 𝔼 F 𝔽 1 𝟙 k 𝕜 A 𝔸 B 𝔹 D 𝔻 G 𝔾 K 𝕂 S 𝕊 T 𝕋")

ACCENTS = {
    "vec": "\u20d7",
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
}

BRACKETS = {
    "matrix": ("[", "]"),
    "smallmatrix": ("[", "]"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "pmatrix": ("(", ")"),
    "vmatrix": ("∣", "∣"),
    "Vmatrix": ("‖", "‖"),
    "array": ("[", "]"),
    "cases": ("{ ", ""),
}
"""Around what is written in rows and columns."""

RAISED = str.maketrans(
    "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ′∘∗†",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ′°∗†",
)
LOWERED = str.maketrans(
    "0123456789+−=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
)

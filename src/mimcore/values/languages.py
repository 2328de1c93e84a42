"""ISO 639-1: the 183 languages with their codes and English names, and what some call themselves. Look-ups: `codes`."""

from __future__ import annotations

__all__ = ["LANGUAGE_ALIASES", "LANGUAGE_NAMES", "LANGUAGE_THREE_LETTERS"]

_LANGUAGES = """
aa aar Afar; ab abk Abkhazian; ae ave Avestan; af afr Afrikaans; ak aka Akan; am amh Amharic; an arg Aragonese;
ar ara Arabic; as asm Assamese; av ava Avaric; ay aym Aymara; az aze Azerbaijani; ba bak Bashkir; be bel
Belarusian; bg bul Bulgarian; bi bis Bislama; bm bam Bambara; bn ben Bangla; bo bod Tibetan; br bre Breton; bs
bos Bosnian; ca cat Catalan; ce che Chechen; ch cha Chamorro; co cos Corsican; cr cre Cree; cs ces Czech; cu chu
Church Slavic; cv chv Chuvash; cy cym Welsh; da dan Danish; de deu German; dv div Divehi; dz dzo Dzongkha; ee
ewe Ewe; el ell Greek; en eng English; eo epo Esperanto; es spa Spanish; et est Estonian; eu eus Basque; fa fas
Persian; ff ful Fula; fi fin Finnish; fj fij Fijian; fo fao Faroese; fr fra French; fy fry Western Frisian; ga
gle Irish; gd gla Scottish Gaelic; gl glg Galician; gn grn Guarani; gu guj Gujarati; gv glv Manx; ha hau Hausa;
he heb Hebrew; hi hin Hindi; ho hmo Hiri Motu; hr hrv Croatian; ht hat Haitian Creole; hu hun Hungarian; hy hye
Armenian; hz her Herero; ia ina Interlingua; id ind Indonesian; ie ile Interlingue; ig ibo Igbo; ii iii Sichuan
Yi; ik ipk Inupiaq; io ido Ido; is isl Icelandic; it ita Italian; iu iku Inuktitut; ja jpn Japanese; jv jav
Javanese; ka kat Georgian; kg kon Kongo; ki kik Kikuyu; kj kua Kuanyama; kk kaz Kazakh; kl kal Kalaallisut; km
khm Khmer; kn kan Kannada; ko kor Korean; kr kau Kanuri; ks kas Kashmiri; ku kur Kurdish; kv kom Komi; kw cor
Cornish; ky kir Kyrgyz; la lat Latin; lb ltz Luxembourgish; lg lug Ganda; li lim Limburgish; ln lin Lingala; lo
lao Lao; lt lit Lithuanian; lu lub Luba-Katanga; lv lav Latvian; mg mlg Malagasy; mh mah Marshallese; mi mri
Māori; mk mkd Macedonian; ml mal Malayalam; mn mon Mongolian; mr mar Marathi; ms msa Malay; mt mlt Maltese; my
mya Burmese; na nau Nauru; nb nob Norwegian Bokmål; nd nde North Ndebele; ne nep Nepali; ng ndo Ndonga; nl nld
Dutch; nn nno Norwegian Nynorsk; no nor Norwegian; nr nbl South Ndebele; nv nav Navajo; ny nya Nyanja; oc oci
Occitan; oj oji Ojibwa; om orm Oromo; or ori Odia; os oss Ossetic; pa pan Punjabi; pi pli Pali; pl pol Polish;
ps pus Pashto; pt por Portuguese; qu que Quechua; rm roh Romansh; rn run Rundi; ro ron Romanian; ru rus Russian;
rw kin Kinyarwanda; sa san Sanskrit; sc srd Sardinian; sd snd Sindhi; se sme Northern Sami; sg sag Sango; si sin
Sinhala; sk slk Slovak; sl slv Slovenian; sm smo Samoan; sn sna Shona; so som Somali; sq sqi Albanian; sr srp
Serbian; ss ssw Swati; st sot Southern Sotho; su sun Sundanese; sv swe Swedish; sw swa Swahili; ta tam Tamil; te
tel Telugu; tg tgk Tajik; th tha Thai; ti tir Tigrinya; tk tuk Turkmen; tl tgl Tagalog; tn tsn Tswana; to ton
Tongan; tr tur Turkish; ts tso Tsonga; tt tat Tatar; tw twi Twi; ty tah Tahitian; ug uig Uyghur; uk ukr
Ukrainian; ur urd Urdu; uz uzb Uzbek; ve ven Venda; vi vie Vietnamese; vo vol Volapük; wa wln Walloon; wo wol
Wolof; xh xho Xhosa; yi yid Yiddish; yo yor Yoruba; za zha Zhuang; zh zho Chinese; zu zul Zulu
"""

_ALIASES = """
da Dansk; sv Svenska; no Norsk; nb Bokmål; nn Nynorsk; fi Suomi; is Íslenska; de Deutsch; en Engelsk; en
Englisch; en Anglais; en Inglés; fr Français; fr Fransk; fr Französisch; es Español; es Castellano; es Spansk;
es Spanisch; it Italiano; nl Nederlands; nl Flemish; nl Vlaams; pt Português; pl Polski; pl Polnisch; cs
Čeština; sk Slovenčina; hu Magyar; ro Română; bg Български; hr Hrvatski; sr Srpski; sl Slovenščina; et Eesti; lv
Latviešu; lt Lietuvių; uk Українська; ru Русский; el Ελληνικά; tr Türkçe; ar العربية; he עברית; he Ivrit; fa
Farsi; hi हिन्दी; bn Bengali; zh 中文; zh Mandarin; ja 日本語; ko 한국어; da Dänisch; da Danois; de Tysk; de Tyska; de
Allemand; de Alemán; sv Schwedisch; sv Svensk; no Norwegisch; or Oriya; ga Gaeilge; cy Cymraeg; ca Català; eu
Euskara; gl Galego; kl Greenlandic; ny Chichewa; to Tonga; si Sinhalese; tl Filipino
"""

_ROWS = [row.split(" ", 2) for row in " ".join(_LANGUAGES.split()).split("; ")]

LANGUAGE_NAMES: dict[str, str] = {two: name for two, _, name in _ROWS}
"""Two-letter code to English name (Unicode CLDR)."""

LANGUAGE_THREE_LETTERS: dict[str, str] = {three: two for two, three, _ in _ROWS}
"""ISO 639-3 code to two-letter code."""

LANGUAGE_ALIASES: dict[str, str] = {
    name: code for code, _, name in (row.partition(" ") for row in " ".join(_ALIASES.split()).split("; "))
}
"""Other names to two-letter code, as written (fold before comparing)."""

"""ISO 3166-1: the 249 countries with their codes and English names, and the names people write in forms.

English names are those of Unicode CLDR 46; the others are the names in Danish, Swedish, Norwegian, German, French,
Spanish, Italian, Dutch, Portuguese, Finnish and Polish of the countries met most often. Look-ups are in `codes`.
"""

from __future__ import annotations

__all__ = ["COUNTRY_ALIASES", "COUNTRY_NAMES", "COUNTRY_THREE_LETTERS"]

_COUNTRIES = """
AD AND Andorra
AE ARE United Arab Emirates
AF AFG Afghanistan
AG ATG Antigua & Barbuda
AI AIA Anguilla
AL ALB Albania
AM ARM Armenia
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina
AS ASM American Samoa
AT AUT Austria
AU AUS Australia
AW ABW Aruba
AX ALA Åland Islands
AZ AZE Azerbaijan
BA BIH Bosnia & Herzegovina
BB BRB Barbados
BD BGD Bangladesh
BE BEL Belgium
BF BFA Burkina Faso
BG BGR Bulgaria
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin
BL BLM St. Barthélemy
BM BMU Bermuda
BN BRN Brunei
BO BOL Bolivia
BQ BES Caribbean Netherlands
BR BRA Brazil
BS BHS Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus
BZ BLZ Belize
CA CAN Canada
CC CCK Cocos (Keeling) Islands
CD COD Congo - Kinshasa
CF CAF Central African Republic
CG COG Congo - Brazzaville
CH CHE Switzerland
CI CIV Côte d'Ivoire
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon
CN CHN China
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cape Verde
CW CUW Curaçao
CX CXR Christmas Island
CY CYP Cyprus
CZ CZE Czechia
DE DEU Germany
DJ DJI Djibouti
DK DNK Denmark
DM DMA Dominica
DO DOM Dominican Republic
DZ DZA Algeria
EC ECU Ecuador
EE EST Estonia
EG EGY Egypt
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain
ET ETH Ethiopia
FI FIN Finland
FJ FJI Fiji
FK FLK Falkland Islands
FM FSM Micronesia
FO FRO Faroe Islands
FR FRA France
GA GAB Gabon
GB GBR United Kingdom
GD GRD Grenada
GE GEO Georgia
GF GUF French Guiana
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland
GM GMB Gambia
GN GIN Guinea
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece
GS SGS South Georgia & South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong SAR China
HM HMD Heard & McDonald Islands
HN HND Honduras
HR HRV Croatia
HT HTI Haiti
HU HUN Hungary
ID IDN Indonesia
IE IRL Ireland
IL ISR Israel
IM IMN Isle of Man
IN IND India
IO IOT British Indian Ocean Territory
IQ IRQ Iraq
IR IRN Iran
IS ISL Iceland
IT ITA Italy
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan
JP JPN Japan
KE KEN Kenya
KG KGZ Kyrgyzstan
KH KHM Cambodia
KI KIR Kiribati
KM COM Comoros
KN KNA St. Kitts & Nevis
KP PRK North Korea
KR KOR South Korea
KW KWT Kuwait
KY CYM Cayman Islands
KZ KAZ Kazakhstan
LA LAO Laos
LB LBN Lebanon
LC LCA St. Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania
LU LUX Luxembourg
LV LVA Latvia
LY LBY Libya
MA MAR Morocco
MC MCO Monaco
MD MDA Moldova
ME MNE Montenegro
MF MAF St. Martin
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia
ML MLI Mali
MM MMR Myanmar (Burma)
MN MNG Mongolia
MO MAC Macao SAR China
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico
MY MYS Malaysia
MZ MOZ Mozambique
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands
NO NOR Norway
NP NPL Nepal
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand
OM OMN Oman
PA PAN Panama
PE PER Peru
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines
PK PAK Pakistan
PL POL Poland
PM SPM St. Pierre & Miquelon
PN PCN Pitcairn Islands
PR PRI Puerto Rico
PS PSE Palestinian Territories
PT PRT Portugal
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar
RE REU Réunion
RO ROU Romania
RS SRB Serbia
RU RUS Russia
RW RWA Rwanda
SA SAU Saudi Arabia
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden
SG SGP Singapore
SH SHN St. Helena
SI SVN Slovenia
SJ SJM Svalbard & Jan Mayen
SK SVK Slovakia
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP São Tomé & Príncipe
SV SLV El Salvador
SX SXM Sint Maarten
SY SYR Syria
SZ SWZ Eswatini
TC TCA Turks & Caicos Islands
TD TCD Chad
TF ATF French Southern Territories
TG TGO Togo
TH THA Thailand
TJ TJK Tajikistan
TK TKL Tokelau
TL TLS Timor-Leste
TM TKM Turkmenistan
TN TUN Tunisia
TO TON Tonga
TR TUR Türkiye
TT TTO Trinidad & Tobago
TV TUV Tuvalu
TW TWN Taiwan
TZ TZA Tanzania
UA UKR Ukraine
UG UGA Uganda
UM UMI U.S. Outlying Islands
US USA United States
UY URY Uruguay
UZ UZB Uzbekistan
VA VAT Vatican City
VC VCT St. Vincent & Grenadines
VE VEN Venezuela
VG VGB British Virgin Islands
VI VIR U.S. Virgin Islands
VN VNM Vietnam
VU VUT Vanuatu
WF WLF Wallis & Futuna
WS WSM Samoa
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""

_ALIASES = """
DK Danmark|Dänemark|Danemark|Dinamarca|Danimarca|Denemarken|Tanska|Dania
SE Sverige|Schweden|Suède|Suecia|Svezia|Zweden|Suécia|Ruotsi|Szwecja
NO Norge|Norwegen|Norvège|Noruega|Norvegia|Noorwegen|Norja|Norwegia
FI Finnland|Finlande|Finlandia|Finlândia|Suomi|Finland
IS Island|Islande|Islandia|Islanda|IJsland|Islândia|Islanti
DE Tyskland|Deutschland|Allemagne|Alemania|Germania|Duitsland|Alemanha|Saksa|Niemcy
AT Østrig|Österrike|Østerrike|Österreich|Autriche|Oostenrijk|Áustria|Itävalta
CH Schweiz|Sveits|Suisse|Suiza|Svizzera|Zwitserland|Suíça|Sveitsi|Szwajcaria
FR Frankrig|Frankrike|Frankreich|Francia|Frankrijk|França|Ranska|Francja
BE Belgien|Belgia|Belgique|Bélgica|Belgio|België
NL Nederlandene|Nederländerna|Nederland|Niederlande|Pays-Bas|Países Bajos|Paesi Bassi|Países Baixos|Alankomaat
NL Holandia|Holland|The Netherlands
LU Luxemburg|Luxemburgo|Lussemburgo|Luksemburg
GB Storbritannien|Storbritannia|Vereinigtes Königreich|Royaume-Uni|Reino Unido|Regno Unito|Verenigd Koninkrijk
GB Iso-Britannia|Wielka Brytania|UK|Great Britain|England|Scotland|Wales|Northern Ireland|Großbritannien
GB Grande-Bretagne|Gran Bretaña|Gran Bretagna|Groot-Brittannië|Grã-Bretanha
IE Irland|Irlande|Irlanda|Ierland|Irlanti|Irlandia|Éire|Republic of Ireland
ES Spanien|Spania|Espagne|España|Spagna|Spanje|Espanha|Espanja|Hiszpania
PT Portogallo|Portugali|Portugalia
IT Italien|Italia|Italie|Italië|Itália|Włochy
GR Grækenland|Grekland|Hellas|Griechenland|Grèce|Grecia|Griekenland|Grécia|Kreikka|Grecja|EL
PL Polen|Pologne|Polonia|Polônia|Puola|Polska
CZ Tjekkiet|Tjeckien|Tsjekkia|Tschechien|Tchéquie|Chequia|Cechia|Tsjechië|Tchéquia|Tšekki|Czechy|Czech Republic
CZ Tschechische Republik
SK Slovakiet|Slovakien|Slowakei|Slovaquie|Eslovaquia|Slovacchia|Slowakije|Eslováquia|Słowacja
HU Ungarn|Ungern|Hongrie|Hungría|Ungheria|Hongarije|Hungria|Unkari|Węgry
RO Rumænien|Rumänien|Roumanie|Rumanía|Roemenië|Romênia|Rumunia
BG Bulgarien|Bulgarie|Bulgarije|Bulgária|Bułgaria
HR Kroatien|Kroatia|Croatie|Croacia|Croazia|Kroatië|Croácia|Chorwacja
SI Slovenien|Slowenien|Slovénie|Eslovenia|Slovenië|Eslovênia|Słowenia
EE Estland|Estonie|Estônia|Viro
LV Letland|Lettland|Lettonie|Letonia|Lettonia|Letônia|Łotwa
LT Litauen|Lituanie|Lituania|Litouwen|Lituânia|Liettua|Litwa
RS Serbien|Serbie|Servië|Sérvia
UA Ukraina|Ucrania|Ucraina|Oekraïne|Ucrânia
RU Rusland|Ryssland|Russland|Russie|Rusia|Rússia|Venäjä|Rosja|Russian Federation
TR Tyrkiet|Turkiet|Tyrkia|Türkei|Turquie|Turquía|Turchia|Turkije|Turquia|Turkki|Turcja|Turkey
US USA|Vereinigte Staaten|États-Unis|Estados Unidos|Stati Uniti|Verenigde Staten|Yhdysvallat|Stany Zjednoczone
US U.S.A.|U.S.|United States of America|Amerika|États-Unis d'Amérique
CA Kanada|Canadá
MX Mexiko|Mexique|México|Messico|Meksiko|Meksyk
BR Brasilien|Brasil|Brésil|Brasile|Brazilië|Brasilia|Brazylia
AR Argentinien|Argentine|Argentinië|Argentiina|Argentyna
CN Kina|Chine|Cina|Kiina|Chiny
JP Japon|Japón|Giappone|Japão|Japani|Japonia
KR Sydkorea|Sør-Korea|Südkorea|Corée du Sud|Corea del Sur|Corea del Sud|Zuid-Korea|Coreia do Sul|Etelä-Korea
KR Korea Południowa|Korea|Republic of Korea
IN Indien|Inde|Índia|Intia|Indie
AU Australien|Australie|Australië|Austrália
NZ Nya Zeeland|Neuseeland|Nouvelle-Zélande|Nueva Zelanda|Nuova Zelanda|Nieuw-Zeeland|Nova Zelândia|Uusi-Seelanti
NZ Nowa Zelandia
ZA Sydafrika|Sør-Afrika|Südafrika|Afrique du Sud|Sudáfrica|Sudafrica|Zuid-Afrika|África do Sul|Etelä-Afrikka
ZA Republika Południowej Afryki
EG Egypten|Ägypten|Égypte|Egipto|Egitto|Egypte|Egito|Egypti|Egipt
MA Marokko|Marocko|Maroc|Marruecos|Marocco|Marrocos|Maroko
IL Israël|Israele|Izrael
CI Ivory Coast
MK Macedonia
MM Burma
SZ Swaziland
CV Cabo Verde
TL East Timor
VA Holy See
AE UAE
CD DR Congo|Congo-Kinshasa
CG Republic of the Congo|Congo-Brazzaville
HK Hong Kong
MO Macau|Macao
PS Palestine
BA Bosnia and Herzegovina|Bosnia
TT Trinidad and Tobago
FO Færøerne|Føroyar
GL Grønland|Kalaallit Nunaat
CY Zypern|Chypre
MD Moldavia
"""

_ROWS = [line.split(" ", 2) for line in _COUNTRIES.strip().splitlines()]

COUNTRY_NAMES: dict[str, str] = {two: name for two, _, name in _ROWS}
"""Two-letter code to English name."""

COUNTRY_THREE_LETTERS: dict[str, str] = {three: two for two, three, _ in _ROWS}
"""Three-letter code to two-letter code."""

COUNTRY_ALIASES: dict[str, str] = {
    name: code
    for code, _, names in (line.partition(" ") for line in _ALIASES.strip().splitlines())
    for name in names.split("|")
}
"""Other names to two-letter code, as written (fold before comparing)."""

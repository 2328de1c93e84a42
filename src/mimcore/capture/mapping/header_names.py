"""What people call their columns, in common European languages, and the field of mimcore each name means.

Data only. Names are written without accents, spaces or punctuation: 'E-Mail-Adresse' is `emailadresse`.
"""

from __future__ import annotations

__all__ = ["COMPANY_WORDS", "FIELDS", "OTHER_PEOPLE", "PREFIXES", "SENSITIVE", "SPECIAL_CATEGORY"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIELDS = """\
contact.emails email
    email emailaddress mail mailaddress emailadresse mailadresse epost epostadresse epostadress correo
    correoelectronico courriel adressemail adresseemail emailadres posta postaelettronica indirizzoemail
    sahkoposti emailkontakt adresemail sahkopostiosoite sposti
    direccionemail enderecodeemail enderecoeletronico correoe emaill adreselektroniczny
contact.phones phone
    phone phonenumber telephone telephonenumber tel telno mobile mobilephone mobilenumber cell cellphone
    telefon telefonnummer telefonnr mobil mobilnummer mobiltelefon handy handynummer rufnummer tlf tlfnr
    mobilnr numerodetelephone portable telefono movil cellulare numeroditelefono telefoon telefoonnummer
    mobiel telefone telemovel celular puhelin puhelinnumero komorka matkapuhelin gsm
    numertelefonu telefonkomorkowy numerodetelefono numerodetelefone mobiltlf handphone phone1number
contact.name person_name
    name fullname contactname customername clientname personname navn fuldenavn namn fullstandigtnamn
    vollername ganzername nom nomcomplet nombrecompleto nomecompleto nomeecognome naam volledigenaam
    kundenname ansprechpartner kontaktperson imienazwisko nimi nomeinteiro nomecompletodocliente
    imieinazwisko kokonimi nombreyapellidos nomeesobrenome vorundnachname forogefternavn
contact.name.given given_name
    firstname givenname forename first vorname fornavn fornamn prenom nombre nombredepila voornaam
    primeironome imie etunimi prenomdusage nomeproprio
contact.name.family family_name
    lastname familyname surname last nachname familienname zuname efternavn etternavn efternamn nomdefamille
    apellido apellidos cognome achternaam apelido sobrenome ultimonome nazwisko sukunimi nomfamille slektsnavn
contact.name.middle given_name
    middlename middle mellemnavn mellomnavn mellannamn segundonombre tussenvoegsel deuxiemeprenom secondonome
    drugieimie toinennimi
contact.name.title code
    salutation honorific nametitle anrede titel tiltale civilite tratamiento aanhef titolo tratamento tytul puhuttelu
contact.demographic.birth_date date
    birthdate dateofbirth dob birthday born geburtsdatum geburtstag fodselsdato fodelsedatum fodselsdag
    datedenaissance naissance fechadenacimiento datadinascita geboortedatum datadenascimento dataurodzenia
    datanascimento fechanacimiento datanascita cumpleanos compleanno aniversario anniversaire urodziny
    verjaardag
    syntymaaika
contact.demographic.birth_year number
    birthyear yearofbirth yearbirth geburtsjahr fodselsar fodelsear anneedenaissance geboortejaar
contact.demographic.gender code
    gender sex geschlecht kon kjonn genre sexe sexo genero sesso geslacht plec sukupuoli anredegeschlecht
contact.demographic.country country
    country countrycode countryname land landcode landekode landkod landkode landeskennzeichen pays codepays
    pais paese nazione kraj maa nation paisderesidencia landnavn landnaam kodkraju
contact.demographic.region code
    state region province county stateprovince bundesland kanton fylke lan departement provincia regione
    provincie wojewodztwo estado distrito maakunta landsdel delstat
contact.demographic.city code
    city town place by stad ort stadt wohnort poststed postort ville ciudad poblacion localidad citta comune
    plaats woonplaats cidade miasto kaupunki kommune suburb locality localidade by1 bynavn miejscowosc paikkakunta
    municipio concelho commune
contact.demographic.postal_code postal_code
    postalcode postcode zip zipcode plz postleitzahl postnr postnummer codepostal codigopostal cap cep
    kodpocztowy postinumero codigopostal2 codicepostale codigodepostal
contact.demographic.street free_text
    street address address1 addressline1 streetaddress strasse strassehausnummer adresse anschrift adress gade
    gadenavn vej gateadresse gatuadress rue calle direccion via indirizzo straat adres rua morada endereco
    ulica katuosoite addr adresse1 indirizzo1 domicilio adreslinia lahiosoite vejnavn gatenavn straatnaam
contact.demographic.annual_income money
    income annualincome householdincome einkommen indkomst inntekt inkomst revenu ingresos reddito inkomen
contact.demographic.marital_status code
    maritalstatus familienstand civilstand sivilstand etatcivil situationfamiliale estadocivil statocivile
    burgerlijkestaat
contact.demographic.education code
    education ausbildung bildung uddannelse utdanning utbildning formation estudios istruzione opleiding
contact.demographic.occupation code
    occupation profession beruf yrke metier profesion
contact.demographic.children number
    children kids kinder antalborn barn enfants hijos figli
contact.demographic.household_size number
    householdsize haushaltsgrosse husstandsstorrelse family familysize
contact.employment.title code
    jobtitle position title role stilling stillingsbetegnelse titre poste fonction cargo puesto ruolo functie
    berufsbezeichnung stelle befattning stanowisko tytulstanowiska titolodilavoro tehtavanimike functietitel
    intituledeposte
contact.employment.department code
    department dept abteilung afdeling avdelning avdeling service departamento reparto dzial osasto setor
contact.employment.seniority code
    seniority senioritylevel managementlevel
contact.employment.employer code
    company companyname employer organization organisation organizationname firma firmenname unternehmen
    arbeitgeber virksomhed arbejdsgiver bedrift foretag entreprise societe empresa azienda societa bedrijf
    bedrijfsnaam werkgever yritys accountname account nombredelaempresa nomdelentreprise nomeazienda
    nomedaempresa firmanavn
    foretagsnamn nazwafirmy yrityksennimi empresanome pracodawca tyonantaja
contact.employment.industry code
    industry sector branche bransch bransje secteur industria settore
contact.preferences.language language
    language languagecode locale sprache sprog sprak langue idioma lingua taal jezyk kieli preferredlanguage
    asiointikieli lenguaje
contact.psychographic.interests free_text
    interests interest interessen interesser intressen centresdinteret intereses interessi interesses
contact.psychographic.hobbies free_text
    hobbies hobby loisirs aficiones fritid
contact.psychographic.beliefs free_text
    beliefs religion faith belief konfession tro religione religie
contact.technology.devices code
    device devices devicetype endgerat enhed appareil dispositivo
contact.technology.browsers code
    browser browsers useragent
contact.technology.operating_systems code
    os operatingsystem platform betriebssystem
contact.acquisition.channel code
    channel acquisitionchannel kanal canal canale kanaal leadchannel
contact.acquisition.source code
    source leadsource utmsource quelle herkunft kilde kalla origine origen fonte bron
contact.acquisition.medium code
    medium utmmedium
contact.acquisition.campaign code
    campaign utmcampaign kampagne kampanj kampanje campagne campana campagna
contact.acquisition.at date
    acquiredat acquiredon signupdate signupat subscribedat registeredat registered registrationdate createdat
    created createdate creationdate dateadded firstseen customersince kundeseit angelegtam erstelltam oprettet
    opprettet skapad datedecreation fechadealta datacreazione aangemaakt
contact.acquisition.referrer url
    referrer referer referral
contact.acquisition.landing_page url
    landingpage firstpage landingpageurl
contact.social_profiles url
    linkedin linkedinurl linkedinprofile twitter facebook instagram xing
contact.lifecycle_stage code
    lifecyclestage lifecycle stage leadstatus
contact.owner code
    owner contactowner accountowner leadowner betreuer ansvarlig salesrep
contact.tags free_text
    tags tag labels etiquetas etiquettes etichette schlagworte stikord nyckelord
contact.notes free_text
    notes note comment comments remarks bemerkung bemerkungen notiz kommentar bemaerkning anmarkning
    commentaire remarque comentarios observaciones commenti opmerking opmerkingen notas notatki uwagi huomautus
    muistiinpanot anteckningar merknad notizen noter notater
contact.external_ids external_id
    id customerid contactid clientid userid memberid personid recordid externalid crmid customerno
    customernumber kundennummer kundennr kundenr kundenummer kundnummer kundid numeroclient clienteid
    numerocliente klantnummer klantid asiakasnumero uuid guid sequencenumber leadid recid kundeid
    codigodecliente codicecliente numerodocliente numerklienta asiakastunnus klantnr idcliente idclient medlemsnr
account.domain url
    domain website companydomain webseite hjemmeside hemsida siteweb sitioweb sitoweb url homepage verkkosivu
    stronawww paginaweb
account.firmographic.employees number
    employees numberofemployees employeecount companysize mitarbeiter mitarbeiterzahl ansatte antalansatte
    anstallda effectif empleados dipendenti medewerkers
account.firmographic.annual_revenue money
    annualrevenue companyrevenue jahresumsatz arsomsaetning chiffredaffaires facturacion fatturato
event.value money
    amount total value price revenue spend spending ordervalue ordertotal sales betrag umsatz preis belob
    belop pris omsaetning omsattning montant prix importe precio importo prezzo bedrag prijs valor
event.currency code
    currency currencycode currencyisocode valuta valutakode valutakod wahrung waehrung devise divisa moneda moeda
    waluta valuutta
event.at date
    date orderdate purchasedate invoicedate transactiondate eventdate orderedat purchasedat bestelldatum
    kaufdatum rechnungsdatum ordredato kobsdato fakturadato datecommande fechapedido dataordine besteldatum
event.product code
    product productname item itemname sku articlenumber artikel artikelnummer produkt vare produit producto
    prodotto
event.quantity number
    quantity qty menge anzahl antal antall quantite cantidad quantita aantal
event.external_id external_id
    orderid ordernumber orderno invoiceid invoiceno invoicenumber transactionid bestellnummer rechnungsnummer
    ordrenummer fakturanummer
- date
    updated updatedat lastupdated lastupdate lastmodified modified modifiedat modifieddate lastactivity
    lastseen lastlogin lastcontact lastcontacted lastpurchase lastorder geandertam zuletztgeandert opdateret
    sidstopdateret uppdaterad oppdatert misajour ultimaactualizacion
- boolean
    optin newsletter consent subscribed emailoptin marketingconsent einwilligung samtykke samtycke
    consentement consentimiento consenso toestemming unsubscribed optout
"""
"""A line with field (`-` for none) and kind, then indented lines with the names that mean them."""

PREFIXES = _words("""
billing business client contact customer home kontakt kunde kunden lead mailing main member person personal
primary private shipping user work your
""")
"""Words before a name that do not change its meaning: 'customer_email' is an e-mail."""

OTHER_PEOPLE = frozenset(
    _words("""
advisor agent ansvarlig assistant betreuer boss chef created creator employee manager mother father owner parent
partner recruiter referral referred referrer rep responsable responsible sales seller sender spouse supervisor
verantwortlich vendor vertreter
""")
)
"""Words in the name of a column whose addresses are probably not the contact's own."""

COMPANY_WORDS = frozenset(
    _words("""
& ab ag aps as bank bar bistro bv cafe club co company corp corporation deli diner gbr gmbh grill group hotel house
inc inn institute kg kitchen lda limited llc lp ltd ltda nv office oy oyj oü pharmacy plc pub restaurant ristorante
room sa sarl sas school shop sl spa srl steakhouse store trattoria university
""")
)
"""Words in names of companies and places, in lower case; one alone proves nothing, some are names of people, too."""

SENSITIVE = frozenset(
    _words("""
age alter birth cardnumber cpr creditcard einkommen fodselsnummer geburt gehalt geolocation iban income ip
ipaddress latitude longitude nationalid passport personnummer salary socialsecurity ssn steuernummer taxid
""")
)
"""Words that mark personal data whatever the cells look like."""

SPECIAL_CATEGORY = frozenset(
    _words("""
allergies allergy belief beliefs biometric church diagnose diagnosis disability ethnic ethnicity fagforening
faith genetic gesundheit gewerkschaft handicap health helse konfession medical medication party political
politics politik race rasse religion religious sexual sexuality sundhed union
""")
)
"""Words that suggest data of GDPR article 9: beliefs, health, origin, politics, union, sexuality, biometrics."""
